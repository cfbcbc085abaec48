import { Type } from 'typebox';
import { DateSchema, IntervalSchema } from '../calendar/dates.ts';
import { exampleId } from '../ids/id.ts';
import { DecimalSchema } from '../money/decimal.ts';
import { exampleOf } from '../result/example.ts';
import {
  PlanSchema,
  PriceKindSchema,
  PriceModelSchema,
  PriceSchema,
  PriceVersionSchema,
} from './catalog.ts';

const NAMED = { code: Type.String(), name_zh: Type.String(), name_en: Type.String() } as const;
const closed = { additionalProperties: false } as const;

const NewVersionSchema = Type.Object(
  {
    currency: Type.String({ description: 'ISO 4217 code.' }),
    model: PriceModelSchema,
    tax_class: Type.Optional(Type.String({ description: "Instead of the product's." })),
    tax_behavior: Type.Optional(Type.Enum(['inclusive', 'exclusive'], { type: 'string' })),
    interval: Type.Optional(IntervalSchema),
    timing: Type.Optional(Type.Enum(['advance', 'arrears'], { type: 'string' })),
    meter: Type.Optional(Type.String({ description: 'Metered prices: the code of the meter.' })),
    minimum_spend: Type.Optional(DecimalSchema),
    maximum_spend: Type.Optional(DecimalSchema),
    instalments: Type.Optional(Type.Integer({ minimum: 1, maximum: 120 })),
    effective_from: DateSchema,
  },
  closed,
);

const NewPriceSchema = Type.Object(
  {
    ...NAMED,
    kind: PriceKindSchema,
    product: Type.Optional(Type.String({ description: 'The code of a product.' })),
    version: Type.Optional(NewVersionSchema),
  },
  closed,
);

/**
 * What `POST /v1/catalog` takes. For the document only: core reads the body itself and names the
 * field that it refuses, in more detail than a schema can.
 */
export const CatalogueSchema = Type.Object(
  {
    tax_classes: Type.Optional(
      Type.Array(
        Type.Object(
          {
            code: Type.String(),
            basis_points: Type.Integer({ minimum: 0, maximum: 10_000 }),
            goods_code: Type.Optional(Type.String()),
          },
          closed,
        ),
      ),
    ),
    products: Type.Optional(
      Type.Array(Type.Object({ ...NAMED, tax_class: Type.String() }, closed)),
    ),
    plans: Type.Optional(
      Type.Array(Type.Object({ ...NAMED, prices: Type.Array(NewPriceSchema) }, closed)),
    ),
  },
  {
    title: 'Catalogue',
    additionalProperties: false,
    description: 'Products, plans and prices to publish. Entries name each other by their codes.',
    examples: [
      {
        tax_classes: [{ code: 'software', basis_points: 600 }],
        products: [{ code: 'crm', name_zh: '客户管理', name_en: 'CRM', tax_class: 'software' }],
        plans: [
          {
            code: 'team',
            name_zh: '团队版',
            name_en: 'Team',
            prices: [
              {
                code: 'seat',
                name_zh: '席位',
                name_en: 'Seat',
                kind: 'seat',
                product: 'crm',
                version: {
                  currency: 'CNY',
                  model: { type: 'per_unit', unit_amount: '31' },
                  interval: { unit: 'month', count: 1 },
                  effective_from: '2026-03-01',
                },
              },
            ],
          },
        ],
      },
    ],
  },
);

/** A price with every version of it, oldest first. */
export const VersionedPriceSchema = Type.Object(
  { ...PriceSchema.properties, versions: Type.Array(PriceVersionSchema) },
  {
    title: 'VersionedPrice',
    additionalProperties: false,
    description: 'A price with its versions, oldest first.',
    examples: [
      {
        id: exampleId('prc'),
        plan_id: exampleId('pln'),
        product_id: exampleId('prd'),
        code: 'seat',
        kind: 'seat',
        name_zh: '席位',
        name_en: 'Seat',
        versions: [exampleOf(PriceVersionSchema)],
      },
    ],
  },
);

export type VersionedPriceWire = Type.Static<typeof VersionedPriceSchema>;

/** Plans and prices as they are listed. */
export const CATALOG_SCHEMAS = {
  Catalogue: CatalogueSchema,
  Plan: PlanSchema,
  PriceVersion: PriceVersionSchema,
  VersionedPrice: VersionedPriceSchema,
} as const;
