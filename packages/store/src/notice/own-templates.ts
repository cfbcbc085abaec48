import { fromUuid, type OwnTemplate, type TemplateKey, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import type { Database } from '../array-write.ts';
import { fromInstant, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

/** The newest wording of each key and language. */
export async function loadOwnTemplates(db: Database): Promise<readonly OwnTemplate[]> {
  const rows = await readRows(
    db,
    'notice_templates',
    sql`
    select distinct on (key, locale) * from notice_templates order by key, locale, version desc`,
  );
  return rows.map(fromTemplateRow);
}

/** Every version of every wording, oldest first. */
export async function listOwnTemplates(db: Database): Promise<readonly OwnTemplate[]> {
  const rows = await readRows(
    db,
    'notice_templates',
    sql`select * from notice_templates order by key, locale, version`,
  );
  return rows.map(fromTemplateRow);
}

/** Adds a version; false where that version is there already. */
export async function addOwnTemplate(db: Database, template: OwnTemplate): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into notice_templates (merchant_id, key, locale, version, subject, paragraphs,
      published_by, published_at)
    values (${toUuid(template.merchantId)}, ${template.key}, ${template.locale},
      ${template.version}, ${template.subject}, ${JSON.stringify(template.paragraphs)}::jsonb,
      ${template.publishedBy}, ${toInstant(template.publishedAt)})
    on conflict do nothing`.execute(db);
  return numAffectedRows === 1n;
}

function fromTemplateRow(row: Tables['notice_templates']): OwnTemplate {
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    key: row.key as TemplateKey,
    locale: row.locale as OwnTemplate['locale'],
    version: row.version,
    subject: row.subject,
    paragraphs: row.paragraphs as readonly string[],
    publishedBy: row.published_by,
    publishedAt: fromInstant(row.published_at),
  };
}
