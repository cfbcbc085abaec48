-- A batch whose events the fold cannot count waits here for a person, and no other batch for it.
alter table usage_batches
  add column set_aside_at timestamptz,
  add column set_aside_reason text check (set_aside_reason <> ''),
  add constraint usage_batches_set_aside_says_why
    check ((set_aside_at is null) = (set_aside_reason is null)),
  add constraint usage_batches_set_aside_is_not_folded
    check (set_aside_at is null or folded_at is null);

drop index usage_batches_to_fold;
create index usage_batches_to_fold on usage_batches (merchant_id, id)
  where folded_at is null and set_aside_at is null;
create index usage_batches_set_aside on usage_batches (merchant_id, id)
  where set_aside_at is not null;
