/** The managed policies of a user, a role or a group: seen, attached, detached. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useList, useNotices, useSession, useWrite } from "@/aws";
import { useIam } from "@/aws/iam";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import permissions from "@/messages/en/permissions";
import { ArnLink } from "../arn-link";
import { ConfirmDelete } from "../confirm-delete";
import { Empty } from "../empty";
import { ErrorPanel } from "../error-panel";
import { ResourceTable } from "../resource-table";
import { shellQuote, ViewAs } from "../snippet";
import { typeOfPolicy } from "./all-policies";
import { policiesKey, policiesOf, policyCall, type Attached, type Entity } from "./entity";
import { PolicyPicker } from "./policy-picker";

interface Props {
  entity: Entity;
  /** Nobody but a service changes it: nothing to attach. */
  fixed?: boolean;
}

export function AttachedPolicies({ entity, fixed = false }: Props) {
  const m = useMessages(permissions);
  const iam = useIam();
  const queries = useQueryClient();
  const notices = useNotices();
  const { session } = useSession();
  const [attaching, setAttaching] = useState(false);
  const [detaching, setDetaching] = useState<Attached[]>([]);
  const key = [...policiesKey(entity), "attached"];
  const policies = policiesOf(iam, entity);
  const list = useList(key, policies.attached);
  const changed = () => void queries.invalidateQueries({ queryKey: [session.id, ...policiesKey(entity)] });

  return (
    <>
      <ResourceTable<Attached>
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
        selection={fixed ? undefined : "multi"}
        actions={
          fixed
            ? undefined
            : (selected) => (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button disabled={selected.length === 0} onClick={() => setDetaching(selected)}>
                    {m("detach")}
                  </Button>
                  <Button onClick={() => setAttaching(true)}>{m("attach")}</Button>
                </SpaceBetween>
              )
        }
        empty={
          <Empty
            title={m("attachedEmpty")}
            text={m("attachedEmptyText")}
            cli={`aws iam attach-${entity.kind}-policy --${entity.kind}-name ${shellQuote(entity.name)} --policy-arn …`}
          />
        }
      />
      {attaching && <AttachDialog entity={entity} attached={list.items} close={() => setAttaching(false)} />}
      {detaching.length > 0 && (
        <ConfirmDelete
          name={entity.name}
          title={m("detachTitle", { count: detaching.length, name: entity.name })}
          label={m("detach")}
          steps={detaching.map((p) => ({
            text: m("detachStep", { policy: p.name }),
            run: () => policies.detach(p.arn),
            call: policyCall(entity, "detach", { arn: p.arn }),
          }))}
          onDone={() => {
            notices.success(m("detached", { count: detaching.length }));
            setDetaching([]);
            changed();
          }}
          onClose={(some) => {
            setDetaching([]);
            if (some) changed();
          }}
        >
          {m("detachText")}
        </ConfirmDelete>
      )}
    </>
  );
}

/** Attaches what is chosen, one call each; it stops at the first that fails, and what was attached stays. */
function AttachDialog({ entity, attached, close }: { entity: Entity; attached: Attached[]; close: () => void }) {
  const m = useMessages(permissions);
  const c = useMessages(common);
  const iam = useIam();
  const [chosen, setChosen] = useState<string[]>([]);
  const except = useMemo(() => attached.map((p) => p.arn), [attached]);
  const attach = useWrite(
    async (arns: string[]) => {
      const { attach: one } = policiesOf(iam, entity);
      for (const arn of arns) {
        await one(arn);
        setChosen((old) => old.filter((a) => a !== arn));
      }
      return arns.length;
    },
    { invalidates: [policiesKey(entity)], done: (count) => m("attached", { count }), onDone: close },
  );
  return (
    <Modal
      visible
      size="max"
      onDismiss={close}
      header={<span className="break">{m("attachTitle", { name: entity.name })}</span>}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              {c("cancel")}
            </Button>
            <Button
              variant="primary"
              disabled={chosen.length === 0}
              loading={attach.pending}
              onClick={() => attach.start(chosen)}
            >
              {m("attachCount", { count: chosen.length })}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {attach.problem && <ErrorPanel problem={attach.problem} />}
        <PolicyPicker chosen={chosen} onChange={setChosen} except={except} />
        {chosen.length > 0 && <ViewAs calls={chosen.map((arn) => policyCall(entity, "attach", { arn }))} />}
      </SpaceBetween>
    </Modal>
  );
}
