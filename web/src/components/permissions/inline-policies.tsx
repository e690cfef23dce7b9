/** The inline policies of a user, a role or a group: read in place, edited on a page of their own. */
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useList, useRead } from "@/aws";
import { useIam } from "@/aws/iam";
import { useMessages } from "@/messages";
import permissions from "@/messages/en/permissions";
import { PolicySummary, PolicyView } from "@/policy/view";
import { DeleteThing } from "../delete-thing";
import { Empty } from "../empty";
import { PanelState } from "../panel-state";
import { shellQuote } from "../snippet";
import { policiesKey, policiesOf, policyCall, type Entity } from "./entity";
import { formatted } from "./formatted";

interface Props {
  entity: Entity;
  /** The address of the page that edits a policy, or makes one. */
  editor: (policy?: string) => string;
  fixed?: boolean;
}

export function InlinePolicies({ entity, editor, fixed = false }: Props) {
  const m = useMessages(permissions);
  const iam = useIam();
  const [deleting, setDeleting] = useState<string>();
  const policies = policiesOf(iam, entity);
  const list = useList([...policiesKey(entity), "inline"], policies.inline);
  const create = !fixed && <Button href={editor()}>{m("inlineCreate")}</Button>;

  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("inlineText")}
          counter={list.data && `(${list.items.length})`}
          actions={create}
        >
          {m("inlineTitle")}
        </Header>
      }
    >
      <PanelState
        reading={list}
        isEmpty={(names) => names.length === 0}
        empty={
          <Empty
            title={m("inlineEmpty")}
            text={m("inlineEmptyText")}
            cli={`aws iam put-${entity.kind}-policy --${entity.kind}-name ${shellQuote(entity.name)} --policy-name … --policy-document file://policy.json`}
          />
        }
      >
        {(names) => (
          <SpaceBetween size="s">
            {names.map((name) => (
              <Inline
                key={name}
                entity={entity}
                name={name}
                actions={
                  !fixed && (
                    <SpaceBetween direction="horizontal" size="xs">
                      <Button href={editor(name)} ariaLabel={m("inlineEditName", { name })}>
                        {m("inlineEdit")}
                      </Button>
                      <Button onClick={() => setDeleting(name)} ariaLabel={m("inlineDeleteName", { name })}>
                        {m("inlineDelete")}
                      </Button>
                    </SpaceBetween>
                  )
                }
              />
            ))}
          </SpaceBetween>
        )}
      </PanelState>
      {deleting !== undefined && (
        <DeleteThing
          name={deleting}
          title={m("inlineDeleteName", { name: deleting })}
          warning={m("inlineDeleteText")}
          steps={[
            {
              text: m("inlineDeleteName", { name: deleting }),
              run: () => policies.remove(deleting),
              call: policyCall(entity, "delete", { name: deleting }),
            },
          ]}
          done={m("inlineDeleted", { name: deleting })}
          invalidates={policiesKey(entity)}
          onClose={() => setDeleting(undefined)}
        />
      )}
    </Container>
  );
}

/** One policy, read when it is opened. */
function Inline({ entity, name, actions }: { entity: Entity; name: string; actions: React.ReactNode }) {
  const iam = useIam();
  const [open, setOpen] = useState(false);
  const reading = useRead([...policiesKey(entity), "inline", name], () => policiesOf(iam, entity).get(name), {
    enabled: open,
  });
  return (
    <ExpandableSection
      variant="container"
      headerText={<span className="break">{name}</span>}
      headingTagOverride="h3"
      headerActions={actions}
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {open && (
        <PanelState reading={reading} lines={5}>
          {(text) => (
            <SpaceBetween size="m">
              <PolicySummary text={text} />
              <PolicyView text={formatted(text)} label={name} />
            </SpaceBetween>
          )}
        </PanelState>
      )}
    </ExpandableSection>
  );
}
