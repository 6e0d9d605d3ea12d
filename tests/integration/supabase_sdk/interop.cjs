// The official SDK against the simulator: what an application of its own would do with the table `leads`.
//   node interop.cjs BASE_URL SECRET_KEY PUBLISHABLE_KEY SERVICE_JWT
// Prints what it saw as JSON.
'use strict';
const { createClient } = require('@supabase/supabase-js');

const [url, secret, publishable, jwt] = process.argv.slice(2);
// The SDK wants a WebSocket, which Node has from 22 on, for what is not asked for here.
const connect = (key) => createClient(url, key, {
  auth: { persistSession: false, autoRefreshToken: false },
  realtime: { transport: class {} },
});
const client = connect(secret);
const leads = () => client.from('leads');
const lead = (number, more) => ({
  id: `lead_${number}`, first_name: 'Ann', last_name: `No ${number}`, phone_e164: `+3361234560${number}`, ...more,
});
/// What matters of an answer: "201 [{…}]", or the error's fields.
const brief = ({ status, data, error, count }) => ({
  status,
  ...(error ? { error: { code: error.code, message: error.message, details: error.details, hint: error.hint } } : { data }),
  ...(count === null || count === undefined ? {} : { count }),
});

async function written() {
  return {
    inserted: brief(await leads().insert(lead(1)).select('id,consent').single()),
    quietly: brief(await leads().insert(lead(2))),
    several: brief(await leads().insert([lead(3), { ...lead(4), summary: 'told' }], { defaultToNull: false })
      .select('id,summary')),
    known: brief(await leads().upsert(lead(1, { id: 'lead_9', first_name: 'Zoe' }), { onConflict: 'phone_e164' })
      .select('id,first_name')),
    ignored: brief(await leads().upsert(lead(1), { onConflict: 'phone_e164', ignoreDuplicates: true }).select('id')),
    updated: brief(await leads().update({ consent: true }).eq('phone_e164', '+33612345602').select('id,consent')),
    nobody: brief(await leads().update({ consent: true }).eq('id', 'lead_8').select('id')),
    removed: brief(await leads().delete({ count: 'exact' }).eq('id', 'lead_4')),
  };
}

async function read() {
  const ids = leads().select('id');
  return {
    by_phone: brief(await leads().select('id').eq('phone_e164', '+33612345601')),
    some: brief(await leads().select('id').in('id', ['lead_1', 'lead_3', 'a,b']).order('id', { ascending: false })),
    consenting: brief(await leads().select('id').is('consent', true)),
    page: brief(await leads().select('id', { count: 'exact' }).order('id').range(1, 1)),
    counted: brief(await leads().select('*', { count: 'exact', head: true })),
    none: brief(await leads().select('id').eq('id', 'lead_8').maybeSingle()),
    all: brief(await ids.neq('id', 'lead_2').gte('created_at', '2026-01-01T00:00:00Z').order('id')),
  };
}

async function refused() {
  return {
    duplicate: brief(await leads().insert(lead(1, { id: 'lead_7' }))),
    one_of_many: brief(await leads().insert([lead(5), lead(1)])),
    null_name: brief(await leads().insert(lead(5, { last_name: null }))),
    bad_phone: brief(await leads().insert(lead(5, { phone_e164: '06' }))),
    bad_column: brief(await leads().insert(lead(5, { nope: 1 }))),
    bad_filter: brief(await leads().select('id').eq('nope', 1)),
    no_filter: brief(await leads().delete()),
    not_one: brief(await leads().select('id').single()),
    not_one_changed: brief(await leads().update({ summary: 'x' }).neq('id', '').select('id').single()),
    bad_table: brief(await client.from('nope').select()),
    stranger: brief(await connect(publishable).from('leads').select()),
    wrong_key: brief(await connect('sb_secret_wrong').from('leads').select()),
    beyond: brief(await leads().select('id', { count: 'exact' }).range(50, 59)),
  };
}

(async () => {
  const seen = { written: await written(), read: await read(), refused: await refused() };
  seen.by_jwt = brief(await connect(jwt).from('leads').select('id', { count: 'exact' }).order('id'));
  console.log(JSON.stringify(seen));
})();
