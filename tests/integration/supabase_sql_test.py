#!/usr/bin/env python3
"""The SQL of Supabase on a PostgreSQL 15 of its own: supabase_sql_test.py FOLDER_OF_MIGRATIONS

Exit status 77, which CTest knows as "skipped", where PostgreSQL is not installed.
"""
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

MIGRATIONS = sorted(pathlib.Path(sys.argv[1]).glob("*.sql"))
DEBIANS = pathlib.Path("/usr/lib/postgresql/15/bin")

# What a project has before the first migration. The tables' owner is no superuser, and whatever it makes in
# `public` is open to everybody by default until it says otherwise; new projects have that default no more.
ROLES = """
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
create role postgres login createrole createdb bypassrls;
grant anon, authenticated, service_role to authenticator, postgres;
"""
PROJECT = """
create schema auth;
create function auth.jwt() returns jsonb language sql stable as
  $$ select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb $$;
grant usage on schema public, auth to postgres, anon, authenticated, service_role;
"""
OPEN_BY_DEFAULT = "".join(
    f"alter default privileges for role postgres in schema public grant all on {kind} to {roles};\n"
    for kind in ("tables", "functions", "sequences") for roles in ("postgres, anon, authenticated, service_role",))
DATABASES = {"open_by_default": PROJECT + OPEN_BY_DEFAULT, "closed_by_default": PROJECT}

# As PostgREST writes what SupabaseLeadStore asks for.
UPSERT = """insert into public.leads (id, first_name, last_name, phone_e164, created_at, consent)
  values ('{id}', '{name}', 'Lee', '{phone}', '{at}', true)
  on conflict (phone_e164) do update set id = excluded.id, first_name = excluded.first_name,
    last_name = excluded.last_name, created_at = excluded.created_at, consent = excluded.consent
  returning id || ' ' || first_name || ' ' || (created_at at time zone 'UTC')::date"""
DENIED = "42501"


class Refused(Exception):
    """PostgreSQL says no; the text is the SQLSTATE."""


class Cluster:
    """A PostgreSQL in a folder, to be reached by a socket in that folder alone."""

    def __init__(self):
        self.folder = self.log = self.server = None

    def start(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vb-sql-", dir="/tmp"))
        as_user = {}
        if os.getuid() == 0:  # PostgreSQL does not run as root.
            names = {user.pw_name for user in pwd.getpwall()}
            user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        subprocess.run([program("initdb"), "-D", self.folder / "data", "-U", "supabase_admin", "-A", "trust", "-E", "UTF8",
                        "--locale=C", "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd="/", **as_user)
        self.log = open(self.folder / "log", "w", encoding="utf-8")
        self.server = subprocess.Popen(
            [program("postgres"), "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off"],
            stdout=self.log, stderr=self.log, cwd="/", **as_user)
        self.wait()

    def wait(self):
        until = time.monotonic() + 60
        while subprocess.run([program("pg_isready"), "-q", "-h", self.folder], check=False).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > until:
                raise RuntimeError("PostgreSQL does not start: " + (self.folder / "log").read_text(encoding="utf-8"))
            time.sleep(0.05)

    def stop(self):
        if self.server:
            self.server.send_signal(signal.SIGQUIT)  # At once, and nothing of it stays in memory.
            self.server.wait(timeout=30)
            self.log.close()
        if self.folder:
            shutil.rmtree(self.folder)

    def run(self, sql, user="supabase_admin", database="template1"):
        """What is printed, a row a line. One transaction, as of the SQL editor."""
        done = subprocess.run(
            [program("psql"), "-X", "-q", "-A", "-t", "-1", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=sqlstate",
             "-h", self.folder, "-U", user, "-d", database, "-f", "-"],
            input=sql, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Refused(done.stderr.strip().rsplit(" ", 1)[-1])
        return done.stdout.strip()

    def make(self, database, sql):
        subprocess.run([program("createdb"), "-h", self.folder, "-U", "supabase_admin", "-O", "postgres", database], check=True)
        self.run(sql, database=database)
        self.migrate(database)

    def migrate(self, database):
        for migration in MIGRATIONS:
            self.run(migration.read_text(encoding="utf-8"), "postgres", database)


CLUSTER = Cluster()


def program(name):
    return str(DEBIANS / name) if (DEBIANS / name).exists() else shutil.which(name)


def missing():
    """Why there is nothing to test with; empty when there is."""
    absent = [name for name in ("initdb", "postgres", "psql", "createdb", "pg_isready") if not program(name)]
    if absent:
        return f"no {absent[0]} of PostgreSQL (scripts/setup.sh test installs postgresql-15 on Debian)"
    version = subprocess.run([program("postgres"), "-V"], capture_output=True, text=True, check=True).stdout
    return "" if int(version.split()[2].split(".")[0]) >= 15 else f"{version.strip()} is older than 15"


class Rules:
    """What holds in a database; the classes below say in which."""

    database = ""

    def setUp(self):
        self.owner("truncate public.leads")

    def owner(self, sql):
        return CLUSTER.run(sql, "postgres", self.database)

    def ask(self, role, sql, claims=None):
        """As PostgREST does it: it logs in as authenticator, and becomes who asks."""
        told = json.dumps(claims or {}).replace("'", "''")
        return CLUSTER.run(f"set local role {role};\nset local request.jwt.claims to '{told}';\n{sql}", "authenticator",
                           self.database)

    def upsert(self, **given):
        values = {"id": "lead_1", "name": "Ann", "phone": "+33612345678", "at": "2026-11-28T10:00:00Z", **given}
        return self.ask("service_role", UPSERT.format(**values))

    def assert_refused(self, code, role, sql, claims=None):
        with self.assertRaises(Refused, msg=sql) as refused:
            self.ask(role, sql, claims)
        self.assertEqual(code, str(refused.exception), sql)

    def things(self):
        """Names of all tables, and of all functions with their arguments, that the migrations made."""
        tables = self.owner("select oid::regclass from pg_class where relnamespace = 'public'::regnamespace and "
                            "relkind in ('r', 'v', 'm', 'p', 'f')")
        functions = self.owner("select oid::regprocedure from pg_proc where pronamespace = 'public'::regnamespace")
        return tables.split("\n"), functions.split("\n")

    def may(self, what, role, thing, rights):
        told = self.owner("\n".join(f"select has_{what}_privilege('{role}', '{thing}', '{right}');" for right in rights)).split("\n")
        return [right for right, granted in zip(rights, told) if granted == "t"]

    def test_nobody_has_a_right_that_the_server_alone_needs(self):
        rights = ["select", "insert", "update", "delete", "truncate", "references", "trigger"]
        tables, functions = self.things()
        self.assertIn("leads", tables)
        self.assertIn("keep_lead_identity()", functions)
        for table in tables:
            self.assertEqual([], self.may("table", "anon", table, rights))
            self.assertEqual([], self.may("any_column", "anon", table, rights[:3] + ["references"]))
            self.assertEqual(["select"], self.may("table", "authenticated", table, rights))
            self.assertLessEqual({"select", "insert", "update", "delete"},
                                 set(self.may("table", "service_role", table, rights)))
            self.assertEqual("t", self.owner(f"select relrowsecurity from pg_class where oid = '{table}'::regclass"))
        for function in functions:
            for role in ("anon", "authenticated"):
                self.assertEqual([], self.may("function", role, function, ["execute"]))

    def test_strangers_can_do_nothing(self):
        writes = ["insert into public.leads (first_name, last_name, phone_e164) values ('A', 'B', '+33612345679')",
                  UPSERT.format(id="lead_2", name="Eve", phone="+33612345678", at="2026-11-28T10:00:00Z"),
                  "update public.leads set first_name = 'Eve' where id = 'lead_1'",
                  "delete from public.leads where id = 'lead_1'", "truncate public.leads",
                  "alter table public.leads disable row level security",
                  "create policy mine on public.leads for all using (true)", "select public.keep_lead_identity()"]
        reads = ["select * from public.leads", "select id from public.leads", "select count(*) from public.leads"]
        self.upsert()
        for sql in reads + writes:
            self.assert_refused(DENIED, "anon", sql)
        for sql in writes:
            for claims in ({}, {"app_metadata": {"role": "staff"}}):
                self.assert_refused(DENIED, "authenticated", sql, claims)
        self.assertEqual("lead_1 Ann", self.ask("service_role", "select id || ' ' || first_name from public.leads"))

    def test_of_those_logged_in_staff_alone_reads(self):
        self.upsert()
        count = "select count(*) from public.leads"
        # user_metadata is what users write themselves.
        for claims in ({}, {"sub": "u1"}, {"app_metadata": {"role": "guest"}}, {"user_metadata": {"role": "staff"}},
                       {"role": "staff"}):
            self.assertEqual("0", self.ask("authenticated", count, claims))
        self.assertEqual("1", self.ask("authenticated", count, {"app_metadata": {"role": "staff"}}))

    def test_the_server_may_do_what_it_does(self):
        self.assertEqual("lead_1 Ann 2026-11-28", self.upsert())
        # Who is known by phone keeps their id and first day.
        self.assertEqual("lead_1 Zoe 2026-11-28",
                         self.upsert(id="lead_2", name="Zoe", at="2026-11-30T10:00:00Z"))
        self.assertEqual("lead_3 Bob 2026-11-30",
                         self.upsert(id="lead_3", name="Bob", phone="+33612345679", at="2026-11-30T10:00:00Z"))
        self.assertEqual("lead_3\nlead_1", self.ask(
            "service_role", "select id from public.leads order by created_at desc, id desc limit 10"))
        self.assertEqual("told", self.ask(
            "service_role", "update public.leads set summary = 'told' where id = 'lead_1' returning summary"))
        self.assertEqual("lead_1", self.ask(
            "service_role", "delete from public.leads where id = 'lead_1' returning id"))
        self.assertEqual("1", self.ask("service_role", "select count(*) from public.leads"))

    def test_bad_rows_are_refused_as_the_simulator_refuses_them(self):
        insert = "insert into public.leads (id, first_name, last_name, phone_e164) values ({})"
        good = {"id": "'lead_2'", "first": "'A'", "last": "'B'", "phone": "'+33612345679'"}
        wrong = [("23505", {"id": "'lead_1'"}), ("23505", {"phone": "'+33612345678'"}), ("23502", {"last": "null"}),
                 ("23514", {"first": "''"}), ("23514", {"last": "repeat('x', 101)"}), ("23514", {"phone": "'06'"}),
                 ("23514", {"phone": "'+0612345678'"}), ("23514", {"id": "'a b'"}), ("23514", {"id": "repeat('x', 65)"})]
        self.upsert()
        for code, change in wrong:
            self.assert_refused(code, "service_role", insert.format(", ".join({**good, **change}.values())))
        self.ask("service_role", insert.format(", ".join(good.values())))
        names = self.owner("select conname from pg_constraint where conrelid = 'public.leads'::regclass order by 1").split("\n")
        self.assertEqual(["leads_first_name_check", "leads_id_check", "leads_last_name_check", "leads_phone_e164_check",
                          "leads_phone_e164_key", "leads_pkey"], names)

    def test_run_twice_they_change_nothing(self):
        self.upsert()
        rights = "select relacl from pg_class where oid = 'public.leads'::regclass"
        before = self.owner(rights)
        with self.assertRaises(Refused) as refused:
            CLUSTER.migrate(self.database)
        self.assertEqual("42P07", str(refused.exception))  # There is such a table.
        self.assertEqual(before, self.owner(rights))
        self.assertEqual("1", self.ask("service_role", "select count(*) from public.leads"))


class OpenByDefault(Rules, unittest.TestCase):
    database = "open_by_default"


class ClosedByDefault(Rules, unittest.TestCase):
    database = "closed_by_default"


def setUpModule():  # pylint: disable=invalid-name
    unittest.addModuleCleanup(CLUSTER.stop)
    CLUSTER.start()
    CLUSTER.run(ROLES)
    for database, sql in DATABASES.items():
        CLUSTER.make(database, sql)


if __name__ == "__main__":
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
