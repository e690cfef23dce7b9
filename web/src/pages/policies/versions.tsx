import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useWrite, type List } from "@/aws";
import { DeletePolicyVersionCommand, SetDefaultPolicyVersionCommand, useIam, type PolicyVersion } from "@/aws/iam";
import { Ask } from "@/components/ask";
import { DeleteThing } from "@/components/delete-thing";
import { Empty } from "@/components/empty";
import { PanelState } from "@/components/panel-state";
import { ResourceTable } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";
import { PolicyDiff } from "@/policy/view";
import { isManagedByAws, mostVersions, usePolicyText, useVersions } from "./reading";

/** The versions of a policy: which of them counts, and what differs between any two. */
export function Versions({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const versions = useVersions(arn);
  const [asking, setAsking] = useState<{ act: "default" | "delete"; id: string }>();
  const aws = isManagedByAws(arn);
  const list: List<PolicyVersion> = {
    ...versions,
    items: versions.data ?? [],
    more: false,
    readMore: () => {},
    readingMore: false,
  };
  const makeDefault = useWrite(
    (VersionId: string) => iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId })),
    { onDone: () => setAsking(undefined), invalidates: [["iam"]], done: (_, id) => m("defaultSet", { id }) },
  );
  const ask = (act: "default" | "delete", id: string) => {
    makeDefault.reset();
    setAsking({ act, id });
  };
  const callOf = (command: string, id: string) => ({
    service: "iam",
    command,
    options: { "policy-arn": arn, "version-id": id },
  });
  return (
    <SpaceBetween size="l">
      <ResourceTable
        name="policy-versions"
        title={m("tabVersions")}
        description={aws ? m("versionsAws") : m("versionsText", { most: mostVersions })}
        list={list}
        rowId={(v) => v.VersionId ?? ""}
        defaultSort="-version"
        selection={aws ? undefined : "single"}
        columns={[
          { id: "version", header: m("version"), value: (v) => v.VersionId },
          {
            id: "default",
            header: m("isDefault"),
            value: (v) => v.IsDefaultVersion ?? false,
            cell: (v) => (v.IsDefaultVersion ? <StatusIndicator type="success">{m("default")}</StatusIndicator> : "–"),
          },
          {
            id: "created",
            header: m("created"),
            value: (v) => v.CreateDate,
            cell: (v) => <Time value={v.CreateDate} />,
          },
        ]}
        empty={<Empty title={m("versionsEmpty")} text={m("versionsAws")} />}
        actions={([selected]) =>
          aws ? null : (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                disabled={!selected || selected.IsDefaultVersion}
                onClick={() => ask("delete", selected?.VersionId ?? "")}
              >
                {m("delete")}
              </Button>
              <Button
                disabled={!selected || selected.IsDefaultVersion}
                onClick={() => ask("default", selected?.VersionId ?? "")}
              >
                {m("makeDefault")}
              </Button>
            </SpaceBetween>
          )
        }
      />
      {(versions.data?.length ?? 0) > 1 && versions.data && <Compare arn={arn} versions={versions.data} />}
      {asking?.act === "default" && (
        <Ask
          title={m("makeDefaultTitle", { id: asking.id })}
          label={m("makeDefault")}
          calls={[callOf("set-default-policy-version", asking.id)]}
          pending={makeDefault.pending}
          problem={makeDefault.problem}
          onConfirm={() => makeDefault.start(asking.id)}
          onClose={() => setAsking(undefined)}
        >
          <Box>{m("makeDefaultText")}</Box>
          <Change arn={arn} from={versions.data?.find((v) => v.IsDefaultVersion)?.VersionId} to={asking.id} />
        </Ask>
      )}
      {asking?.act === "delete" && (
        <DeleteThing
          name={asking.id}
          title={m("deleteVersionTitle", { id: asking.id })}
          warning={m("deleteVersionText")}
          steps={[
            {
              text: m("stepVersion", { id: asking.id }),
              run: () => iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: asking.id })),
              call: callOf("delete-policy-version", asking.id),
            },
          ]}
          done={m("versionDeleted", { id: asking.id })}
          invalidates={["iam", "policy", arn]}
          onClose={() => setAsking(undefined)}
        />
      )}
    </SpaceBetween>
  );
}

const number = (id: string | undefined) => Number(id?.slice(1));

/** What differs between two versions that one chooses. */
function Compare({ arn, versions }: { arn: string; versions: PolicyVersion[] }) {
  const m = useMessages(messages);
  const ids = versions.map((v) => v.VersionId ?? "").toSorted((a, b) => number(b) - number(a));
  const current = versions.find((v) => v.IsDefaultVersion)?.VersionId ?? ids[0];
  const [from, setFrom] = useState(ids.find((id) => id !== current));
  const [to, setTo] = useState(current);
  const options = ids.map((value) => ({
    value,
    label: value,
    description: value === current ? m("default") : undefined,
  }));
  const pick = (id: string | undefined) => options.find((o) => o.value === id) ?? null;
  return (
    <Container header={<Header variant="h2">{m("compare")}</Header>}>
      <SpaceBetween size="m">
        <SpaceBetween size="m" direction="horizontal">
          <FormField label={m("compareFrom")}>
            <Select
              selectedOption={pick(from)}
              options={options}
              onChange={({ detail }) => setFrom(detail.selectedOption.value)}
            />
          </FormField>
          <FormField label={m("compareTo")}>
            <Select
              selectedOption={pick(to)}
              options={options}
              onChange={({ detail }) => setTo(detail.selectedOption.value)}
            />
          </FormField>
        </SpaceBetween>
        <Change arn={arn} from={from} to={to} />
      </SpaceBetween>
    </Container>
  );
}

function Change({ arn, from, to }: { arn: string; from: string | undefined; to: string | undefined }) {
  const before = usePolicyText(arn, from);
  const after = usePolicyText(arn, to);
  return (
    <PanelState reading={before} lines={6}>
      {(old) => (
        <PanelState reading={after} lines={6}>
          {(text) => <PolicyDiff before={old} after={text} />}
        </PanelState>
      )}
    </PanelState>
  );
}
