import { writeFileSync } from 'node:fs';
import { openMemoryDatabase } from './backends/pglite.ts';
import { renderSchema, renderTypes } from './generated-schema.ts';
import { migrate } from './migrate.ts';

const { db, close } = await openMemoryDatabase();
await migrate(db);
writeFileSync(new URL('./schema.generated.ts', import.meta.url), await renderTypes(db));
writeFileSync(new URL('./schema.generated.sql', import.meta.url), await renderSchema(db));
await close();
