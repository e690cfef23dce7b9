/** The managed policies of a user, a role or a group: seen, attached, detached. */
import { useMemo } from "react";
import { useList } from "@/aws";
import { useIam } from "@/aws/iam";
import { useMessages } from "@/messages";
import permissions from "@/messages/en/permissions";
import { AddRemoveTable } from "../add-remove-table";
import { ArnLink } from "../arn-link";
import { Empty } from "../empty";
import { shellQuote } from "../snippet";
import { typeOfPolicy } from "./all-policies";
import { policiesKey, policiesOf, policyCall, type Attached, type Entity } from "./entity";
import { PolicyPicker } from "./policy-picker";

interface Props {
  entity: Entity;
  /** Nobody but a service changes it: nothing to attach. */
  fixed?: boolean;
}

export function AttachedPolicies({ entity, fixed }: Props) {
  const m = useMessages(permissions);
  const iam = useIam();
  const policies = policiesOf(iam, entity);
  const list = useList([...policiesKey(entity), "attached"], policies.attached);
  const except = useMemo(() => list.items.map((p) => p.arn), [list.items]);
  const { name } = entity;
  return (
    <AddRemoveTable<Attached>
      name="attached-policies"
      prefix="a."
      title={m("attachedTitle")}
      description={m("attachedText")}
      list={list}
      rowId={(p) => p.arn}
      columns={[
        { id: "name", header: m("policyName"), value: (p) => p.name, cell: (p) => <ArnLink arn={p.arn} short /> },
        { id: "type", header: m("pickType"), value: (p) => m(`type_${typeOfPolicy(p.arn)}`) },
        { id: "arn", header: "ARN", value: (p) => p.arn, hidden: true },
      ]}
      empty={
        <Empty
          title={m("attachedEmpty")}
          text={m("attachedEmptyText")}
          cli={`aws iam attach-${entity.kind}-policy --${entity.kind}-name ${shellQuote(name)} --policy-arn …`}
        />
      }
      of={name}
      words={{
        add: m("attach"),
        addTitle: m("attachTitle", { name }),
        addLabel: (count) => m("attachCount", { count }),
        added: (count) => m("attached", { count }),
        remove: m("detach"),
        removeTitle: (count) => m("detachTitle", { count, name }),
        removeText: m("detachText"),
        removed: (count) => m("detached", { count }),
      }}
      add={(arn) => ({ run: () => policies.attach(arn), call: policyCall(entity, "attach", { arn }) })}
      remove={(p) => ({
        text: m("detachStep", { policy: p.name }),
        run: () => policies.detach(p.arn),
        call: policyCall(entity, "detach", { arn: p.arn }),
      })}
      picker={(chosen, onChange) => <PolicyPicker chosen={chosen} onChange={onChange} except={except} />}
      invalidates={policiesKey(entity)}
      size="max"
      fixed={fixed}
    />
  );
}
