import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Link from "@cloudscape-design/components/link";
import Multiselect from "@cloudscape-design/components/multiselect";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { readAll, useRead, useWrite, type List } from "@/aws";
import { ListGroupsCommand, ListRolesCommand, ListUsersCommand, useIam, type IAMClient } from "@/aws/iam";
import { arnName } from "@/components/arn";
import { Empty } from "@/components/empty";
import { ErrorPanel } from "@/components/error-panel";
import { path, useTo } from "@/components/links";
import { ResourceTable } from "@/components/resource-table";
import { shellQuote } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";
import { Ask } from "./ask";
import { entityId, readEntities, type Entity } from "./reading";
import { attachStep } from "./steps";

const pageOf = {
  user: (name: string) => path`/iam/users/${name}`,
  group: (name: string) => path`/iam/groups/${name}`,
  role: (name: string) => path`/iam/roles/${name}`,
};

/** Who has a policy. */
export function Attached({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const [asking, setAsking] = useState<"attach" | Entity[]>();
  const entities = useRead(["iam", "policy", arn, "entities"], () => readEntities(iam, arn));
  const list: List<Entity> = {
    ...entities,
    items: entities.data ?? [],
    more: false,
    readMore: () => {},
    readingMore: false,
  };
  return (
    <>
      <ResourceTable<Entity>
        name="policy-entities"
        title={m("tabAttached")}
        description={m("attachedText")}
        list={list}
        rowId={entityId}
        selection="multi"
        columns={[
          {
            id: "name",
            header: m("name"),
            value: (e) => e.name,
            cell: (e) => <Link href={to(pageOf[e.type](e.name))}>{e.name}</Link>,
          },
          { id: "type", header: m("type"), value: (e) => m(`entityType_${e.type}`) },
          { id: "as", header: m("attachedAs"), value: (e) => m(e.boundary ? "asBoundary" : "asPermission") },
        ]}
        empty={
          <Empty
            title={m("attachedEmpty")}
            text={m("attachedEmptyText")}
            action={<Button onClick={() => setAsking("attach")}>{m("attach")}</Button>}
            cli={`aws iam attach-group-policy --group-name … --policy-arn ${shellQuote(arn)}`}
          />
        }
        actions={(selected) => {
          const permissions = selected.filter((e) => !e.boundary);
          return (
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={permissions.length === 0} onClick={() => setAsking(permissions)}>
                {m("detach")}
              </Button>
              <Button onClick={() => setAsking("attach")}>{m("attach")}</Button>
            </SpaceBetween>
          );
        }}
      />
      {asking === "attach" && <Attach arn={arn} there={entities.data ?? []} onClose={() => setAsking(undefined)} />}
      {Array.isArray(asking) && <Detach arn={arn} entities={asking} onClose={() => setAsking(undefined)} />}
    </>
  );
}

/** What is read anew when a policy is given or taken: its own page, the list, and those of who has it. */
const invalidates = (arn: string) => [
  ["iam", "policy", arn],
  ["iam", "policies"],
  ["iam", "user"],
  ["iam", "group"],
  ["iam", "role"],
];

function Detach({ arn, entities, onClose }: { arn: string; entities: Entity[]; onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const steps = entities.map((e) => attachStep(iam, "detach", arn, e, m));
  const write = useWrite(
    async () => {
      for (const step of steps) await step.run();
    },
    {
      invalidates: invalidates(arn),
      done: () => m("detached", { name: arnName(arn), count: entities.length }),
      onDone: onClose,
    },
  );
  return (
    <Ask
      title={m("detachTitle", { name: arnName(arn) })}
      label={m("detach")}
      calls={steps.flatMap((s) => s.call ?? [])}
      pending={write.pending}
      problem={write.problem}
      onConfirm={() => write.start(undefined)}
      onClose={onClose}
    >
      <Box>{m("detachText")}</Box>
      <ul>
        {entities.map((e) => (
          <li key={entityId(e)} className="break">
            {m(`entity_${e.type}`, { name: e.name })}
          </li>
        ))}
      </ul>
    </Ask>
  );
}

const types = ["group", "role", "user"] as const;

const namesOf = (iam: IAMClient, type: Entity["type"]): Promise<string[]> =>
  readAll(async (Marker) => {
    const input = { Marker, MaxItems: 1000 };
    if (type === "user") {
      const page = await iam.send(new ListUsersCommand(input));
      return { items: (page.Users ?? []).map((u) => u.UserName ?? ""), next: page.Marker };
    }
    if (type === "group") {
      const page = await iam.send(new ListGroupsCommand(input));
      return { items: (page.Groups ?? []).map((g) => g.GroupName ?? ""), next: page.Marker };
    }
    const page = await iam.send(new ListRolesCommand(input));
    return { items: (page.Roles ?? []).map((r) => r.RoleName ?? ""), next: page.Marker };
  });

function Attach({ arn, there, onClose }: { arn: string; there: Entity[]; onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [type, setType] = useState<Entity["type"]>("group");
  const [chosen, setChosen] = useState<Entity[]>([]);
  const names = useRead(["iam", `${type}s`, "names"], () => namesOf(iam, type));
  const have = new Set(there.filter((e) => !e.boundary && e.type === type).map((e) => e.name));
  const options = (names.data ?? []).filter((n) => !have.has(n)).map((value) => ({ value, label: value }));
  const steps = chosen.map((e) => attachStep(iam, "attach", arn, e, m));
  const write = useWrite(
    async () => {
      for (const step of steps) await step.run();
    },
    {
      invalidates: invalidates(arn),
      done: () => m("attachedDone", { name: arnName(arn), count: chosen.length }),
      onDone: onClose,
    },
  );
  return (
    <Ask
      title={m("attachTitle", { name: arnName(arn) })}
      label={m("attach")}
      calls={steps.flatMap((s) => s.call ?? [])}
      pending={write.pending}
      problem={write.problem}
      disabled={chosen.length === 0}
      onConfirm={() => write.start(undefined)}
      onClose={onClose}
    >
      <FormField label={m("attachType")} description={m("attachTypeText")}>
        <SegmentedControl
          label={m("attachType")}
          selectedId={type}
          options={types.map((id) => ({ id, text: m(`entityType_${id}`) }))}
          onChange={({ detail }) => setType(detail.selectedId as Entity["type"])}
        />
      </FormField>
      {names.problem ? (
        <ErrorPanel problem={names.problem} retry={names.reload} />
      ) : (
        <FormField label={m("attachTo")} stretch>
          <Multiselect
            filteringType="auto"
            expandToViewport
            virtualScroll
            keepOpen
            tokenLimit={10}
            placeholder={m("attachChoose")}
            filteringAriaLabel={m("attachChoose")}
            deselectAriaLabel={(o) => m("attachRemove", { name: o.label ?? "" })}
            empty={m("attachNone")}
            loadingText={m("loading")}
            statusType={names.loading ? "loading" : "finished"}
            options={options}
            selectedOptions={chosen.filter((e) => e.type === type).map((e) => ({ value: e.name, label: e.name }))}
            onChange={({ detail }) =>
              setChosen([
                ...chosen.filter((e) => e.type !== type),
                ...detail.selectedOptions.map((o) => ({ type, name: o.value ?? "", boundary: false })),
              ])
            }
          />
        </FormField>
      )}
      {chosen.some((e) => e.type !== type) && (
        <ul>
          {chosen
            .filter((e) => e.type !== type)
            .map((e) => (
              <li key={entityId(e)} className="break">
                {m(`entity_${e.type}`, { name: e.name })}
              </li>
            ))}
        </ul>
      )}
    </Ask>
  );
}
