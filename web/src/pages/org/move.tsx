import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useRead, useWrite } from "@/aws";
import { ListParentsCommand, MoveAccountCommand, useOrganizations } from "@/aws/organizations";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Dialog } from "./dialog";
import { unitsBelow, type Node } from "./organization";

interface Props {
  root: Node;
  account: Node;
  /** Where it was dropped. */
  to?: Node;
  onClose: () => void;
}

/** Moves an account: chosen from a list, which works from the keyboard, or dropped in the tree. */
export function Move({ root, account, to, onClose }: Props) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [chosen, setChosen] = useState(to?.id);
  const places = useRead(["organizations", "units"], () => unitsBelow(organizations, root, []));
  const from = useRead(["organizations", "parent", account.id], async () => {
    const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: account.id }));
    return Parents?.[0]?.Id ?? "";
  });
  const move = useWrite(
    (DestinationParentId: string) =>
      organizations.send(
        new MoveAccountCommand({ AccountId: account.id, SourceParentId: from.data, DestinationParentId }),
      ),
    { invalidates: [["organizations"]], done: () => m("moved", { name: account.name }), onDone: onClose },
  );
  return (
    <Dialog
      title={m("moveTitle", { name: account.name })}
      act={m("move")}
      pending={move.pending}
      problem={move.problem ?? from.problem}
      disabled={chosen === undefined || from.data === undefined || chosen === from.data}
      calls={[
        {
          service: "organizations",
          command: "move-account",
          options: {
            "account-id": account.id,
            "source-parent-id": from.data ?? "…",
            "destination-parent-id": chosen ?? "…",
          },
        },
      ]}
      onSubmit={() => chosen !== undefined && move.start(chosen)}
      onClose={onClose}
    >
      <PanelState reading={places}>
        {(all) => {
          const options = all.map(({ node, way }) => ({
            value: node.id,
            label: [...way, node.name].join(" › "),
            description: node.id === from.data ? m("isHere") : undefined,
            disabled: node.id === from.data,
            tags: [node.id],
          }));
          return (
            <FormField label={m("moveWhere")}>
              <Select
                selectedOption={options.find((o) => o.value === chosen) ?? null}
                options={options}
                placeholder={m("choosePlace")}
                filteringType="auto"
                onChange={({ detail }) => setChosen(detail.selectedOption.value)}
              />
            </FormField>
          );
        }}
      </PanelState>
      <Alert type="info">{m("moveText")}</Alert>
    </Dialog>
  );
}
