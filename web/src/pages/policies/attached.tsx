import FormField from "@cloudscape-design/components/form-field";
import Link from "@cloudscape-design/components/link";
import Multiselect from "@cloudscape-design/components/multiselect";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import { useState } from "react";
import { readAll, useRead, type List } from "@/aws";
import { ListGroupsCommand, ListRolesCommand, ListUsersCommand, useIam, type IAMClient } from "@/aws/iam";
import { AddRemoveTable } from "@/components/add-remove-table";
import { arnName } from "@/components/arn";
import { Empty } from "@/components/empty";
import { ErrorPanel } from "@/components/error-panel";
import { path, useTo } from "@/components/links";
import { shellQuote } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";
import { entityId, entityOf, readEntities, type Entity } from "./reading";
import { attachStep } from "./steps";

const pageOf = {
  user: (name: string) => path`/iam/users/${name}`,
  group: (name: string) => path`/iam/groups/${name}`,
  role: (name: string) => path`/iam/roles/${name}`,
};

/** Who has a policy. One that bounds somebody is taken from them on their own page. */
export function Attached({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const name = arnName(arn);
  const entities = useRead(["iam", "policy", arn, "entities"], () => readEntities(iam, arn));
  const list: List<Entity> = {
    ...entities,
    items: entities.data ?? [],
    more: false,
    readMore: () => {},
    readingMore: false,
  };
  return (
    <AddRemoveTable<Entity>
      name="policy-entities"
      title={m("tabAttached")}
      description={m("attachedText")}
      list={list}
      rowId={entityId}
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
          cli={`aws iam attach-group-policy --group-name … --policy-arn ${shellQuote(arn)}`}
        />
      }
      of={name}
      words={{
        add: m("attach"),
        addTitle: m("attachTitle", { name }),
        addLabel: () => m("attach"),
        added: (count) => m("attachedDone", { name, count }),
        remove: m("detach"),
        removeTitle: () => m("detachTitle", { name }),
        removeText: m("detachText"),
        removed: (count) => m("detached", { name, count }),
      }}
      add={(id) => attachStep(iam, "attach", arn, entityOf(id), m)}
      remove={(e) => (e.boundary ? undefined : attachStep(iam, "detach", arn, e, m))}
      picker={(chosen, onChange) => <EntityPicker there={list.items} chosen={chosen} onChange={onChange} />}
      // Its own page, the list, and those of who has it.
      invalidates={["iam"]}
    />
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

interface PickerProps {
  there: Entity[];
  /** As entityId names them. */
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

function EntityPicker({ there, chosen, onChange }: PickerProps) {
  const m = useMessages(messages);
  const iam = useIam();
  const [type, setType] = useState<Entity["type"]>("group");
  const names = useRead(["iam", `${type}s`, "names"], () => namesOf(iam, type));
  const have = new Set(there.map(entityId));
  const id = (name: string) => entityId({ type, name, boundary: false });
  const options = (names.data ?? []).filter((n) => !have.has(id(n))).map((value) => ({ value, label: value }));
  const others = chosen.filter((other) => entityOf(other).type !== type);
  return (
    <>
      <FormField label={m("attachType")} description={m("attachTypeText")}>
        <SegmentedControl
          label={m("attachType")}
          selectedId={type}
          options={types.map((t) => ({ id: t, text: m(`entityType_${t}`) }))}
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
            selectedOptions={chosen
              .map(entityOf)
              .filter((e) => e.type === type)
              .map((e) => ({ value: e.name, label: e.name }))}
            onChange={({ detail }) => onChange([...others, ...detail.selectedOptions.map((o) => id(o.value ?? ""))])}
          />
        </FormField>
      )}
      {others.length > 0 && (
        <ul>
          {others.map(entityOf).map((e) => (
            <li key={entityId(e)} className="break">
              {m(`entity_${e.type}`, { name: e.name })}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
