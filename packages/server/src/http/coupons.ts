import {
  type NewCouponBody,
  NewCouponSchema,
  RedeemSchema,
  toCouponWire,
  toRedemptionWire,
} from '@daikou/api';
import { isId, ok } from '@daikou/core';
import { createCoupon, redeemCoupon } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { readCoupon } from './billing-body.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type RedeemRoute = { Params: { readonly id: string }; Body: { readonly code: string } };

/** Coupons of the catalogue, and giving them to subscriptions. */
export async function couponRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.post<{ Body: NewCouponBody }>(
    '/v1/coupons',
    { schema: { body: NewCouponSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const wanted = readCoupon(request.body);
        if (!wanted.ok) return wanted;
        const coupon = await createCoupon(job, wanted.value);
        return coupon.ok ? ok(toCouponWire(coupon.value)) : coupon;
      }),
  );
  app.post<RedeemRoute>(
    '/v1/subscriptions/:id/coupons',
    { schema: { body: RedeemSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('sub', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const { code } = request.body;
        const redemption = await redeemCoupon(job, { subscriptionId: id, code });
        return redemption.ok ? ok(toRedemptionWire(redemption.value)) : redemption;
      });
    },
  );
}
