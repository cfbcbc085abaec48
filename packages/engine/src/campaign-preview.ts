import {
  businessDate,
  campaignOf,
  campaignTimetable,
  type JsonObject,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from './job.ts';

/** What a dry run of a campaign says: its timetable for somebody who is overdue since today. */
export async function previewCampaign(_tx: Tx, job: Job, body: JsonObject): Promise<JsonObject> {
  const campaign = campaignOf(body);
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  return {
    timetable_zh: campaignTimetable(campaign, today, 'zh-CN'),
    timetable_en: campaignTimetable(campaign, today, 'en'),
  };
}
