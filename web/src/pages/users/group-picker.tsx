/** Chooses groups of the account; where they may not be listed, their names are typed. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { readAll, useRead } from "@/aws";
import { ListGroupsCommand, useIam } from "@/aws/iam";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";
import { useState } from "react";

interface Props {
  label: string;
  description?: string;
  chosen: string[];
  onChange: (groups: string[]) => void;
  except?: string[];
}

const none: string[] = [];

export function GroupPicker({ label, description, chosen, onChange, except = none }: Props) {
  const m = useMessages(messages);
  const iam = useIam();
  const [typed, setTyped] = useState(() => chosen.join(", "));
  const groups = useRead(["iam", "groups", "names"], () =>
    readAll(async (Marker) => {
      const page = await iam.send(new ListGroupsCommand({ Marker, MaxItems: 1000 }));
      return { items: (page.Groups ?? []).map((g) => g.GroupName ?? ""), next: page.Marker };
    }),
  );
  if (groups.problem) {
    return (
      <SpaceBetween size="s">
        <ErrorPanel problem={groups.problem} retry={groups.reload} />
        <FormField label={label} description={m("groupsTyped")}>
          <Input
            value={typed}
            spellcheck={false}
            onChange={({ detail }) => {
              setTyped(detail.value);
              onChange([...new Set(detail.value.split(/[\s,]+/).filter((name) => name !== ""))]);
            }}
          />
        </FormField>
      </SpaceBetween>
    );
  }
  const option = (value: string) => ({ value, label: value });
  const names = (groups.data ?? none).filter((name) => !except.includes(name)).toSorted();
  return (
    <FormField label={label} description={description}>
      <Multiselect
        selectedOptions={chosen.map(option)}
        options={names.map(option)}
        statusType={groups.loading ? "loading" : "finished"}
        filteringType="auto"
        placeholder={m("groupsChoose")}
        empty={m("groupsNone")}
        expandToViewport
        deselectAriaLabel={(o) => m("groupsDeselect", { name: o.label ?? "" })}
        onChange={({ detail }) => onChange(detail.selectedOptions.map((o) => o.value ?? ""))}
      />
    </FormField>
  );
}
