/** Chooses users of the account; where they may not be listed, their names are typed. */
import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import Textarea from "@cloudscape-design/components/textarea";
import { useMemo, useState } from "react";
import { readAll, useRead } from "@/aws";
import { ListUsersCommand, useIam } from "@/aws/iam";
import { ErrorPanel } from "@/components/error-panel";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/groups";

interface Props {
  chosen: string[];
  onChange: (users: string[]) => void;
  except?: string[];
}

interface Row {
  name: string;
  path: string;
}

const nobody: string[] = [];

export function UserPicker({ chosen, onChange, except = nobody }: Props) {
  const m = useMessages(messages);
  const iam = useIam();
  const [typed, setTyped] = useState(() => chosen.join("\n"));
  const users = useRead(["iam", "users", "names"], () =>
    readAll(async (Marker) => {
      const page = await iam.send(new ListUsersCommand({ Marker, MaxItems: 1000 }));
      const items = (page.Users ?? []).map((u): Row => ({ name: u.UserName ?? "", path: u.Path ?? "/" }));
      return { items, next: page.Marker };
    }),
  );
  if (users.problem?.kind === "denied") {
    return (
      <SpaceBetween size="s">
        <ErrorPanel problem={users.problem} />
        <FormField label={m("typed")} description={m("typedText")} stretch>
          <Textarea
            value={typed}
            spellcheck={false}
            onChange={({ detail }) => {
              setTyped(detail.value);
              onChange([...new Set(detail.value.split("\n").map((u) => u.trim()))].filter((u) => u !== ""));
            }}
          />
        </FormField>
      </SpaceBetween>
    );
  }
  return (
    <PanelState reading={users} lines={5}>
      {(all) => <Picker all={all} chosen={chosen} onChange={onChange} except={except} />}
    </PanelState>
  );
}

function Picker({ all, chosen, onChange, except }: Required<Props> & { all: Row[] }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const rows = useMemo(() => {
    const taken = new Set(except);
    return all.filter((u) => !taken.has(u.name));
  }, [all, except]);
  const { items, collectionProps, filterProps, filteredItemsCount, paginationProps } = useCollection(rows, {
    filtering: {
      fields: ["name", "path"],
      empty: (
        <Box textAlign="center" color="text-body-secondary">
          <strong>{m("addEmpty")}</strong>
          <div>{m("addEmptyText")}</div>
        </Box>
      ),
      noMatch: <Box textAlign="center">{c("noMatches")}</Box>,
    },
    pagination: { pageSize: 10 },
    sorting: { defaultState: { sortingColumn: { sortingField: "name" } } },
  });
  return (
    <Table<Row>
      {...collectionProps}
      items={items}
      trackBy="name"
      variant="embedded"
      selectionType="multi"
      selectedItems={rows.filter((u) => chosen.includes(u.name))}
      onSelectionChange={({ detail }) => onChange(detail.selectedItems.map((u) => u.name))}
      ariaLabels={{
        tableLabel: m("users"),
        selectionGroupLabel: m("users"),
        itemSelectionLabel: (_, u) => c("selectRow", { name: u.name }),
        allItemsSelectionLabel: () => c("selectAll"),
      }}
      columnDefinitions={[
        { id: "name", header: m("userName"), sortingField: "name", isRowHeader: true, cell: (u) => u.name },
        { id: "path", header: m("path"), sortingField: "path", cell: (u) => u.path },
      ]}
      header={
        <Header variant="h3" counter={chosen.length > 0 ? `(${chosen.length}/${rows.length})` : `(${rows.length})`}>
          {m("users")}
        </Header>
      }
      filter={
        <TextFilter
          {...filterProps}
          filteringPlaceholder={m("findUsers")}
          filteringAriaLabel={m("findUsers")}
          countText={c("countMatches", { count: filteredItemsCount ?? 0 })}
        />
      }
      pagination={<Pagination {...paginationProps} />}
    />
  );
}
