/** Which services the policies of a user or a role allow, or one policy, and when they were last used by it. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo, useState } from "react";
import { useRead, type List, type Reading } from "@/aws";
import {
  GenerateServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  ListPoliciesGrantingServiceAccessCommand,
  useIam,
  type IAMClient,
  type ServiceLastAccessed,
} from "@/aws/iam";
import { ArnLink } from "./arn-link";
import { Empty } from "./empty";
import { ErrorPanel } from "./error-panel";
import { PanelState } from "./panel-state";
import { ResourceTable } from "./resource-table";
import { shellQuote } from "./snippet";
import { Time } from "./time";
import { useLocale, useMessages } from "@/messages";
import messages from "@/messages/en/access-advisor";

interface Report {
  services: ServiceLastAccessed[];
  at: Date | undefined;
}

/** Has the report made, and asks for it until it is there: at AWS some seconds, here at once. */
async function readReport(iam: IAMClient, arn: string): Promise<Report> {
  const { JobId } = await iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: arn }));
  let wait = 200;
  for (;;) {
    const answer = await iam.send(new GetServiceLastAccessedDetailsCommand({ JobId, MaxItems: 1000 }));
    if (answer.JobStatus === "FAILED") throw new Error(answer.Error?.Message ?? "");
    if (answer.JobStatus === "COMPLETED") {
      const services = [...(answer.ServicesLastAccessed ?? [])];
      let { Marker } = answer;
      while (Marker !== undefined) {
        const more = await iam.send(new GetServiceLastAccessedDetailsCommand({ JobId, MaxItems: 1000, Marker }));
        services.push(...(more.ServicesLastAccessed ?? []));
        Marker = more.Marker;
      }
      return { services, at: answer.JobCompletionDate };
    }
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, 3000);
  }
}

/** Of a user, a role or a policy, once it is known what its ARN is. */
export function AccessAdvisor({ of }: { of: Reading<{ Arn?: string } | undefined> }) {
  return (
    <PanelState reading={of} lines={6}>
      {(entity) => <Services arn={entity?.Arn ?? ""} />}
    </PanelState>
  );
}

function Services({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const locale = useLocale();
  const iam = useIam();
  const report = useRead(["iam", "accessed", arn], () => readReport(iam, arn));
  const list = useMemo(
    (): List<ServiceLastAccessed> => ({
      ...report,
      data: report.data?.services,
      items: report.data?.services ?? [],
      more: false,
      readMore: () => {},
      readingMore: false,
    }),
    [report],
  );
  const at = report.data?.at;
  return (
    <ResourceTable<ServiceLastAccessed>
      name="access-advisor"
      title={m("advisorTitle")}
      description={
        <>
          {m("advisorText")}
          {at && <Box fontSize="body-s">{m("advisorAt", { time: at.toLocaleString(locale) })}</Box>}
        </>
      }
      list={list}
      rowId={(s) => s.ServiceNamespace ?? ""}
      defaultSort="-used"
      columns={[
        { id: "service", header: m("service"), value: (s) => s.ServiceName },
        {
          id: "used",
          header: m("lastAccessed"),
          value: (s) => s.LastAuthenticated,
          cell: (s) => <Time value={s.LastAuthenticated} relative none={m("notAccessed")} />,
        },
        { id: "region", header: m("accessedFrom"), value: (s) => s.LastAuthenticatedRegion },
        // Of a policy one asks who, of anybody by what.
        arn.includes(":policy/")
          ? {
              id: "who",
              header: m("accessedBy"),
              value: (s) => s.LastAuthenticatedEntity,
              cell: (s) => s.LastAuthenticatedEntity && <ArnLink arn={s.LastAuthenticatedEntity} short />,
            }
          : {
              id: "by",
              header: m("granting"),
              value: () => "",
              unfiltered: true,
              cell: (s) => <Granting arn={arn} service={s.ServiceNamespace ?? ""} name={s.ServiceName ?? ""} />,
            },
      ]}
      empty={
        <Empty
          title={m("advisorEmpty")}
          text={m("advisorEmptyText")}
          cli={`aws iam generate-service-last-accessed-details --arn ${shellQuote(arn)}`}
        />
      }
    />
  );
}

/** Asked for one service at a time, when somebody wants to know. */
function Granting({ arn, service, name }: { arn: string; service: string; name: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [asked, setAsked] = useState(false);
  const policies = useRead(
    ["iam", "granting", arn, service],
    async () => {
      const answer = await iam.send(
        new ListPoliciesGrantingServiceAccessCommand({ Arn: arn, ServiceNamespaces: [service] }),
      );
      return (answer.PoliciesGrantingServiceAccess ?? []).flatMap((g) => g.Policies ?? []);
    },
    { enabled: asked },
  );
  if (!asked) {
    return (
      <Button variant="inline-link" onClick={() => setAsked(true)} ariaLabel={m("grantingShowName", { name })}>
        {m("grantingShow")}
      </Button>
    );
  }
  if (policies.problem) return <ErrorPanel problem={policies.problem} retry={policies.reload} />;
  if (policies.data === undefined) return <StatusIndicator type="loading">{m("advisorWaiting")}</StatusIndicator>;
  if (policies.data.length === 0) return <>{m("grantingNone")}</>;
  return (
    <SpaceBetween size="xxs">
      {policies.data.map((p) =>
        p.PolicyArn ? (
          <ArnLink key={p.PolicyArn} arn={p.PolicyArn} short />
        ) : (
          <div key={p.PolicyName}>{p.PolicyName}</div>
        ),
      )}
    </SpaceBetween>
  );
}
