-- A lateral look-up leaves the planner no other order than: each new journal by its key. Asked to
-- join, it read all journals for each insert once the table had grown, whatever it was forbidden.
create or replace function daikou_entries_balance() returns trigger
  language plpgsql
  set enable_seqscan = off
  as $$
declare
  wrong record;
begin
  select journal_id, sum(minor) as total into wrong
    from added group by bucket, merchant_id, journal_id having sum(minor) <> 0 limit 1;
  if found then
    raise exception 'the entries of journal % sum to % and not to zero', wrong.journal_id,
      wrong.total using errcode = 'check_violation', constraint = 'entries_sum_to_zero';
  end if;
  select a.journal_id into wrong
    from (select bucket, merchant_id, journal_id, count(*) as given, max(position) as last
            from added group by bucket, merchant_id, journal_id) a
   cross join lateral (
          select entry_count from journals j
           where j.bucket = a.bucket and j.merchant_id = a.merchant_id and j.id = a.journal_id
          offset 0) j
   where a.given <> j.entry_count or a.last <> j.entry_count limit 1;
  if found then
    raise exception 'journal % was not given all its entries at once', wrong.journal_id
      using errcode = 'check_violation', constraint = 'entries_of_a_whole_journal';
  end if;
  return null;
end $$;
