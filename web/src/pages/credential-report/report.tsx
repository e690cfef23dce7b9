import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo } from "react";
import { useSession, type List } from "@/aws";
import { ArnLink } from "@/components/arn-link";
import { keyAge, keyUnused, useCredentialReport, type ReportRow } from "@/components/credential-report";
import { download } from "@/components/csv";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/credential-report";

export function Component() {
  const m = useMessages(messages);
  const c = useMessages(common);
  const to = useTo();
  const { session } = useSession();
  const report = useCredentialReport();
  const list = useMemo(
    (): List<ReportRow> => ({
      ...report,
      data: report.data?.rows,
      items: report.data?.rows ?? [],
      more: false,
      readMore: () => {},
      readingMore: false,
    }),
    [report],
  );
  const time = (id: string, header: string, of: (r: ReportRow) => Date | undefined, hidden = false) => ({
    id,
    header,
    value: of,
    cell: (r: ReportRow) => <Time value={of(r)} relative />,
    hidden,
  });
  const columns: Column<ReportRow>[] = [
    {
      id: "user",
      header: m("user"),
      value: (r) => (r.root ? m("root") : r.user),
      cell: (r) => (r.root ? m("root") : <Link href={to(path`/iam/users/${r.user}`)}>{r.user}</Link>),
    },
    { id: "password", header: m("password"), value: (r) => r.password },
    {
      id: "mfa",
      header: m("mfa"),
      value: (r) => r.mfa,
      cell: (r) => (
        <StatusIndicator type={r.mfa ? "success" : r.password || r.root ? "warning" : "stopped"}>
          {c(r.mfa ? "yes" : "no")}
        </StatusIndicator>
      ),
    },
    time("used", m("passwordUsed"), (r) => r.passwordUsed),
    { id: "key", header: m("keyAge"), value: keyAge },
    { id: "unused", header: m("keyUnused"), value: keyUnused },
    time("created", m("created"), (r) => r.created),
    time("changed", m("passwordChanged"), (r) => r.passwordChanged, true),
    time("expires", m("passwordRotation"), (r) => r.passwordRotation, true),
    ...([0, 1] as const).flatMap((i): Column<ReportRow>[] => {
      const n = i + 1;
      return [
        { id: `k${n}a`, header: m("keyActive", { n }), value: (r) => r.keys[i].active, hidden: true },
        time(`k${n}r`, m("keyRotated", { n }), (r) => r.keys[i].rotated, true),
        time(`k${n}u`, m("keyUsed", { n }), (r) => r.keys[i].used, true),
        { id: `k${n}f`, header: m("keyUsedFor", { n }), value: (r) => r.keys[i].usedFor, hidden: true },
      ];
    }),
    { id: "certificates", header: m("certificates"), value: (r) => r.certificates, hidden: true },
    { id: "arn", header: m("arn"), value: (r) => r.arn, cell: (r) => <ArnLink arn={r.arn} />, hidden: true },
  ];
  return (
    <ResourceTable<ReportRow>
      name="credential-report"
      title={m("title")}
      heading="h1"
      variant="full-page"
      description={
        <>
          {m("description")} {report.data?.made && m.rich("made", { time: <Time value={report.data.made} relative /> })}
        </>
      }
      list={list}
      columns={columns}
      rowId={(r) => r.arn}
      actions={() => (
        <Button
          iconName="download"
          disabled={!report.data}
          onClick={() => report.data && download(`credential-report-${session.accountId}.csv`, report.data.text)}
        >
          {m("file")}
        </Button>
      )}
      empty={<Empty title={m("empty")} text={m("emptyText")} cli="aws iam generate-credential-report" />}
    />
  );
}
