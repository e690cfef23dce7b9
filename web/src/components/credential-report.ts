/** The credential report: a line for each user and for root, which says how old their credentials are. */
import { now, useRead } from "@/aws";
import { GenerateCredentialReportCommand, GetCredentialReportCommand, useIam, type IAMClient } from "@/aws/iam";

export interface ReportKey {
  active: boolean;
  rotated: Date | undefined;
  used: Date | undefined;
  usedFor: string;
}

export interface ReportRow {
  user: string;
  arn: string;
  root: boolean;
  created: Date | undefined;
  /** Undefined where the report does not say: root, on AWS. */
  password: boolean | undefined;
  passwordUsed: Date | undefined;
  passwordChanged: Date | undefined;
  passwordRotation: Date | undefined;
  mfa: boolean;
  keys: [ReportKey, ReportKey];
  certificates: number;
}

export interface Report {
  rows: ReportRow[];
  /** The file as the server wrote it. */
  text: string;
  made: Date | undefined;
}

/** Splits CSV (RFC 4180) into its records. */
export function records(text: string): string[][] {
  const out: string[][] = [];
  let record: string[] = [];
  const cell = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/y;
  for (let at = 0; at < text.length; at = cell.lastIndex) {
    cell.lastIndex = at;
    const [, value = "", end = ""] = cell.exec(text) ?? [];
    record.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === ",") continue;
    out.push(record);
    record = [];
    if (cell.lastIndex === at) break; // nothing that a record could go on with
  }
  return out;
}

/** "N/A", "no_information" and "not_supported" are no times. */
function time(value: string | undefined): Date | undefined {
  if (value === undefined || !/^\d{4}-/.test(value)) return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

export function readReport(text: string): ReportRow[] {
  const [header = [], ...lines] = records(text);
  return lines.map((line) => {
    const of = (name: string) => line[header.indexOf(name)];
    const is = (name: string) => of(name) === "true";
    const key = (n: 1 | 2): ReportKey => ({
      active: is(`access_key_${n}_active`),
      rotated: time(of(`access_key_${n}_last_rotated`)),
      used: time(of(`access_key_${n}_last_used_date`)),
      usedFor: [of(`access_key_${n}_last_used_service`), of(`access_key_${n}_last_used_region`)]
        .filter((part) => part !== undefined && part !== "N/A")
        .join(", "),
    });
    const password = of("password_enabled");
    return {
      user: of("user") ?? "",
      arn: of("arn") ?? "",
      root: of("user") === "<root_account>",
      created: time(of("user_creation_time")),
      password: password === "true" ? true : password === "false" ? false : undefined,
      passwordUsed: time(of("password_last_used")),
      passwordChanged: time(of("password_last_changed")),
      passwordRotation: time(of("password_next_rotation")),
      mfa: is("mfa_active"),
      keys: [key(1), key(2)],
      certificates: [is("cert_1_active"), is("cert_2_active")].filter(Boolean).length,
    };
  });
}

const day = 86_400_000;
const days = (since: Date | undefined) => since && Math.max(0, Math.floor((now() - since.getTime()) / day));

/** How many days the older of the active keys is old; undefined where none is active. */
export function keyAge(row: ReportRow): number | undefined {
  const ages = row.keys.flatMap((k) => (k.active ? (days(k.rotated) ?? []) : []));
  return ages.length > 0 ? Math.max(...ages) : undefined;
}

/** How many days ago the password was set. */
export const passwordAge = (row: ReportRow) => (row.password ? days(row.passwordChanged) : undefined);

/** When the password or one of the keys was last used. */
export function lastActivity(row: ReportRow): Date | undefined {
  const uses = [row.passwordUsed, ...row.keys.map((k) => k.used)].flatMap((time) => time?.getTime() ?? []);
  return uses.length > 0 ? new Date(Math.max(...uses)) : undefined;
}

/** For how many days one of the active keys was not used; from its creation where it never was. */
export function keyUnused(row: ReportRow): number | undefined {
  const ages = row.keys.flatMap((k) => (k.active ? (days(k.used ?? k.rotated) ?? []) : []));
  return ages.length > 0 ? Math.max(...ages) : undefined;
}

/** Has the report made, if there is none that is fresh, and reads it. */
async function readCredentialReport(iam: IAMClient): Promise<Report> {
  for (let wait = 200; ; wait = Math.min(wait * 2, 3000)) {
    const { State } = await iam.send(new GenerateCredentialReportCommand({}));
    if (State === "COMPLETE") break;
    await new Promise((done) => setTimeout(done, wait));
  }
  const { Content, GeneratedTime } = await iam.send(new GetCredentialReportCommand({}));
  const text = new TextDecoder().decode(Content);
  return { rows: readReport(text), text, made: GeneratedTime };
}

export function useCredentialReport(options: { enabled?: boolean } = {}) {
  const iam = useIam();
  return useRead(["iam", "credential-report"], () => readCredentialReport(iam), options);
}
