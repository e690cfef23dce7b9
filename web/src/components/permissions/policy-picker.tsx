/** Chooses managed policies by name, or by an action that they allow. */
import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import TokenGroup from "@cloudscape-design/components/token-group";
import { useDeferredValue, useMemo, useState } from "react";
import { useMessages } from "@/messages";
import permissions from "@/messages/en/permissions";
import { arnName } from "../arn";
import { PanelState } from "../panel-state";
import { useNarrow } from "../use-narrow";
import { isAction, useAllPolicies, usePoliciesAllowing, type ManagedPolicy, type PolicyType } from "./all-policies";
import { PolicyDialog } from "./policy-dialog";

interface Props {
  /** ARNs. */
  chosen: string[];
  onChange: (arns: string[]) => void;
  /** One only, as a boundary is. */
  single?: boolean;
  /** ARNs that are not to be chosen again. */
  except?: string[];
  /** The table's heading; "Managed policies" unless said. */
  title?: string;
  /** Its level: that below what it stands in. */
  heading?: "h2" | "h3";
}

export function PolicyPicker(props: Props) {
  const policies = useAllPolicies();
  return <PanelState reading={policies}>{(all) => <Picker {...props} all={all} />}</PanelState>;
}

const types: PolicyType[] = ["customer", "aws", "job"];
const noArns: string[] = [];

function Picker({
  chosen,
  onChange,
  single = false,
  except = noArns,
  title,
  heading = "h3",
  all,
}: Props & { all: ManagedPolicy[] }) {
  const m = useMessages(permissions);
  const narrow = useNarrow();
  const [query, setQuery] = useState("");
  const [type, setType] = useState<PolicyType>();
  const [shown, setShown] = useState<ManagedPolicy>();
  const sought = useDeferredValue(query).trim();
  const action = isAction(sought) ? sought : undefined;
  const allowing = usePoliciesAllowing(action, all);

  const rows = useMemo(() => {
    const taken = new Set(except);
    const name = sought.toLowerCase();
    return all.filter((p) => {
      if (taken.has(p.arn) || (type !== undefined && p.type !== type)) return false;
      if (action !== undefined) return allowing.arns?.has(p.arn) ?? false;
      return name === "" || p.name.toLowerCase().includes(name) || p.arn.toLowerCase() === name;
    });
  }, [all, except, type, sought, action, allowing.arns]);

  const { items, collectionProps, paginationProps } = useCollection(rows, {
    pagination: { pageSize: 10 },
    sorting: { defaultState: { sortingColumn: { sortingField: "name" } } },
  });
  const selected = all.filter((p) => chosen.includes(p.arn));
  const names = new Map(all.map((p) => [p.arn, p.name]));
  const searching = action !== undefined && allowing.arns === undefined;

  const columns: TableProps.ColumnDefinition<ManagedPolicy>[] = [
    {
      id: "name",
      header: m("policyName"),
      sortingField: "name",
      isRowHeader: true,
      minWidth: narrow ? undefined : 280,
      cell: (p) => (
        <>
          <Button variant="inline-link" onClick={() => setShown(p)} ariaLabel={m("viewPolicy", { name: p.name })}>
            <span className="break">{p.name}</span>
          </Button>
          {narrow && <Box color="text-body-secondary">{m(`type_${p.type}`)}</Box>}
        </>
      ),
    },
    { id: "type", header: m("pickType"), sortingField: "type", minWidth: 150, cell: (p) => m(`type_${p.type}`) },
    {
      id: "used",
      header: m("usedBy"),
      sortingField: "attachments",
      minWidth: 110,
      cell: (p) => m("entities", { count: p.attachments }),
    },
  ];

  return (
    <SpaceBetween size="s">
      <Table
        {...collectionProps}
        items={items}
        trackBy="arn"
        variant="embedded"
        wrapLines
        selectionType={single ? "single" : "multi"}
        selectedItems={selected}
        onSelectionChange={({ detail }) => {
          const here = new Set(detail.selectedItems.map((p) => p.arn));
          onChange(single ? [...here] : [...here, ...chosen.filter((arn) => !here.has(arn) && !names.has(arn))]);
        }}
        loading={searching}
        loadingText={m("searching")}
        ariaLabels={{
          tableLabel: title ?? m("pickTitle"),
          selectionGroupLabel: title ?? m("pickTitle"),
          itemSelectionLabel: (_, p) => p.name,
          allItemsSelectionLabel: () => title ?? m("pickTitle"),
        }}
        columnDefinitions={narrow ? columns.slice(0, 1) : columns}
        header={
          <Header variant={heading} counter={single || chosen.length === 0 ? undefined : `(${chosen.length})`}>
            {title ?? m("pickTitle")}
          </Header>
        }
        filter={
          <SpaceBetween size="xs">
            <TextFilter
              filteringText={query}
              filteringPlaceholder={m("pickFilter")}
              filteringAriaLabel={m("pickFilterLabel")}
              countText={
                searching
                  ? ""
                  : action === undefined
                    ? m("found", { count: rows.length })
                    : m("foundAction", { count: rows.length, action })
              }
              onChange={({ detail }) => setQuery(detail.filteringText)}
            />
            <Select
              ariaLabel={m("pickType")}
              selectedOption={{ value: type ?? "", label: type ? m(`type_${type}`) : m("typeAll") }}
              options={[{ value: "", label: m("typeAll") }, ...types.map((t) => ({ value: t, label: m(`type_${t}`) }))]}
              onChange={({ detail }) => setType(types.find((t) => t === detail.selectedOption.value))}
            />
          </SpaceBetween>
        }
        pagination={<Pagination {...paginationProps} />}
        empty={
          <Box textAlign="center" color="text-body-secondary">
            <strong>{m("noPolicies")}</strong>
            <div>{m("noPoliciesText")}</div>
          </Box>
        }
        footer={
          action !== undefined && (
            <SpaceBetween size="xxs">
              <Box color="text-body-secondary" fontSize="body-s">
                {m("actionNote")}
              </Box>
              {allowing.unread > 0 && (
                <StatusIndicator type="warning">{m("actionUnread", { count: allowing.unread })}</StatusIndicator>
              )}
              {allowing.failed && <StatusIndicator type="warning">{m("actionFailed")}</StatusIndicator>}
            </SpaceBetween>
          )
        }
      />
      {chosen.length > 0 && (
        <div role="group" aria-label={m("chosen")}>
          <TokenGroup
            items={chosen.map((arn) => {
              const name = names.get(arn) ?? arnName(arn);
              return { label: name, dismissLabel: m("chosenRemove", { name }) };
            })}
            limit={20}
            onDismiss={({ detail }) => onChange(chosen.filter((_, i) => i !== detail.itemIndex))}
          />
        </div>
      )}
      {shown && <PolicyDialog arn={shown.arn} name={shown.name} close={() => setShown(undefined)} />}
    </SpaceBetween>
  );
}
