import Badge from "@cloudscape-design/components/badge";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import type { Reading } from "@/aws";
import type { Policy } from "@/aws/iam";
import { arnName } from "@/components/arn";
import { AccessAdvisor } from "@/components/access-advisor";
import { ArnLink } from "@/components/arn-link";
import { KeyValue } from "@/components/key-value";
import { path, useGo, useParam, useTab, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";
import { size } from "@/policy/model/size";
import { PolicySummary, PolicyView } from "@/policy/view";
import { Attached } from "./attached";
import { DeletePolicy } from "./delete-policy";
import { isManagedByAws, usePolicy, usePolicyText } from "./reading";
import { Tags } from "./tags";
import { Versions } from "./versions";

const tabs = ["summary", "json", "versions", "attached", "access", "tags"] as const;

/** A managed policy. Each panel asks for itself: whoever may not read one of them still sees the others. */
export function Component() {
  const arn = useParam("arn");
  const m = useMessages(messages);
  const go = useGo();
  const to = useTo();
  const [tab, setTab] = useTab(tabs);
  const [deleting, setDeleting] = useState(false);
  const policy = usePolicy(arn);
  const text = usePolicyText(arn, policy.data?.DefaultVersionId);
  const aws = isManagedByAws(arn);
  const document: Reading<string> =
    policy.problem && policy.data === undefined ? { ...text, problem: policy.problem, reload: policy.reload } : text;
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          info={aws ? <Badge>{m("typeAws")}</Badge> : undefined}
          description={policy.data?.Description}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {!aws && <Button onClick={() => setDeleting(true)}>{m("delete")}</Button>}
              <Button href={to(`/iam/policies/create?from=${encodeURIComponent(arn)}`)}>{m("copyToNew")}</Button>
              {!aws && (
                <Button variant="primary" href={to(path`/iam/policies/${arn}/edit`)}>
                  {m("edit")}
                </Button>
              )}
            </SpaceBetween>
          }
        >
          <span className="break">{arnName(arn)}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Facts policy={policy} text={text.data} />
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => setTab(detail.activeTabId)}
          tabs={[
            {
              id: "summary",
              label: m("tabSummary"),
              content: (
                <Container header={<Header variant="h2">{m("tabSummary")}</Header>}>
                  <PanelState reading={document} lines={6}>
                    {(t) => <PolicySummary text={t} />}
                  </PanelState>
                </Container>
              ),
            },
            {
              id: "json",
              label: m("tabJson"),
              content: (
                <Container header={<Header variant="h2">{m("tabJson")}</Header>}>
                  <PanelState reading={document} lines={10}>
                    {(t) => <PolicyView text={t} />}
                  </PanelState>
                </Container>
              ),
            },
            { id: "versions", label: m("tabVersions"), content: <Versions arn={arn} /> },
            { id: "attached", label: m("tabAttached"), content: <Attached arn={arn} /> },
            { id: "access", label: m("tabAccess"), content: <AccessAdvisor of={policy} /> },
            ...(aws ? [] : [{ id: "tags", label: m("tabTags"), content: <Tags arn={arn} /> }]),
          ]}
        />
      </SpaceBetween>
      {deleting && policy.data && (
        <DeletePolicy
          policy={policy.data}
          onClose={() => setDeleting(false)}
          onDeleted={() => go("/iam/policies", { replace: true })}
        />
      )}
    </ContentLayout>
  );
}

function Facts({ policy, text }: { policy: Reading<Policy>; text: string | undefined }) {
  const m = useMessages(messages);
  return (
    <Container>
      <PanelState reading={policy} lines={4}>
        {(p) => (
          <KeyValue
            pairs={[
              { label: m("arn"), value: <ArnLink arn={p.Arn} copy /> },
              { label: m("type"), value: isManagedByAws(p.Arn ?? "") ? m("typeAws") : m("typeCustomer") },
              { label: m("defaultVersion"), value: p.DefaultVersionId },
              { label: m("usedBy"), value: m("usedCount", { count: p.AttachmentCount ?? 0 }) },
              { label: m("boundaryOf"), value: m("usedCount", { count: p.PermissionsBoundaryUsageCount ?? 0 }) },
              {
                label: m("size"),
                value: text === undefined ? undefined : m("sizeCount", { count: size("identity", text) }),
              },
              { label: m("path"), value: p.Path },
              { label: m("created"), value: <Time value={p.CreateDate} /> },
              { label: m("updated"), value: <Time value={p.UpdateDate} /> },
            ]}
          />
        )}
      </PanelState>
    </Container>
  );
}
