-- The leads of voicebridge-server (LEAD_STORE=supabase). Run by `supabase db push` or in the SQL editor.

create table public.leads (
  -- Made by the server: a UUID, or lead_… of its file.
  id             text primary key default gen_random_uuid()::text check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  first_name     text not null check (length(first_name) between 1 and 100),
  last_name      text not null check (length(last_name) between 1 and 100),
  phone_e164     text not null unique check (phone_e164 ~ '^\+[1-9][0-9]{6,14}$'),
  created_at     timestamptz not null default now(),
  source         text not null default '',
  consent        boolean not null default false,
  consent_text   text not null default '',
  consent_at     timestamptz,
  consent_source text not null default '',
  summary        text not null default '',
  updated_at     timestamptz not null default now()
);
create index leads_by_time on public.leads (created_at desc, id desc);

-- An upsert overwrites every column that it sends: who is known keeps their id and first day.
create function public.keep_lead_identity() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.id := old.id;
  new.created_at := old.created_at;
  return new;
end;
$$;
-- Projects may give what is new in `public` to these roles by default.
revoke execute on function public.keep_lead_identity() from public, anon, authenticated;
create trigger keep_identity before update on public.leads
  for each row execute function public.keep_lead_identity();

-- The server's key passes row-level security. Nobody else writes; staff that is logged in reads.
alter table public.leads enable row level security;
revoke all on public.leads from anon, authenticated;
grant select on public.leads to authenticated;
grant select, insert, update, delete on public.leads to service_role;
create policy leads_staff_read on public.leads for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'staff');
