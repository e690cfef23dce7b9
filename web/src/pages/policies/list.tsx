import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { problemOf, type List } from "@/aws";
import type { Policy } from "@/aws/iam";
import { ArnLink } from "@/components/arn-link";
import { Empty } from "@/components/empty";
import { ErrorPanel } from "@/components/error-panel";
import { path, useTo } from "@/components/links";
import { grantsCover } from "@/components/permissions/all-policies";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";
import { readManagedGrants } from "@/policy/catalog";
import { wantedOf } from "./action-filter";
import { DeletePolicy } from "./delete-policy";
import { isManagedByAws, useCustomerGrants, usePolicies } from "./reading";

const scopes = ["all", "customer", "aws"] as const;
type Scope = (typeof scopes)[number];

export function Component() {
  const m = useMessages(messages);
  const to = useTo();
  const policies = usePolicies();
  const [deleting, setDeleting] = useState<Policy>();
  const [search, setSearch] = useSearchParams();
  const scope: Scope = scopes.find((s) => s === search.get("scope")) ?? "all";
  const action = search.get("action") ?? "";
  const set = (name: string, value: string) =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === "") next.delete(name);
        else next.set(name, value);
        next.delete("page");
        return next;
      },
      { replace: true },
    );
  const found = useFiltered(policies, scope, action);

  const type = (p: Policy) => (isManagedByAws(p.Arn ?? "") ? m("typeAws") : m("typeCustomer"));
  const columns: Column<Policy>[] = [
    {
      id: "name",
      header: m("name"),
      value: (p) => p.PolicyName,
      cell: (p) => <Link href={to(path`/iam/policies/${p.Arn ?? ""}`)}>{p.PolicyName}</Link>,
      minWidth: 240,
    },
    { id: "type", header: m("type"), value: type },
    {
      id: "used",
      header: m("usedBy"),
      value: (p) => (p.AttachmentCount ?? 0) + (p.PermissionsBoundaryUsageCount ?? 0),
    },
    { id: "boundary", header: m("boundaryOf"), value: (p) => p.PermissionsBoundaryUsageCount ?? 0, hidden: true },
    { id: "description", header: m("descriptionLabel"), value: (p) => p.Description, hidden: true },
    { id: "path", header: m("path"), value: (p) => p.Path, hidden: true },
    { id: "version", header: m("defaultVersion"), value: (p) => p.DefaultVersionId },
    {
      id: "updated",
      header: m("updated"),
      value: (p) => p.UpdateDate,
      cell: (p) => <Time value={p.UpdateDate} date />,
    },
    {
      id: "created",
      header: m("created"),
      value: (p) => p.CreateDate,
      cell: (p) => <Time value={p.CreateDate} date />,
      hidden: true,
    },
    { id: "arn", header: m("arn"), value: (p) => p.Arn, cell: (p) => <ArnLink arn={p.Arn} copy />, hidden: true },
  ];
  const create = (
    <Button variant="primary" href={to("/iam/policies/create")}>
      {m("create")}
    </Button>
  );

  return (
    <SpaceBetween size="m">
      <ResourceTable
        name="policies"
        title={m("title")}
        heading="h1"
        variant="full-page"
        description={m("description")}
        filters={
          <SpaceBetween size="s">
            <SpaceBetween size="m" direction="horizontal">
              <FormField label={m("scope")}>
                <SegmentedControl
                  label={m("scope")}
                  selectedId={scope}
                  options={scopes.map((id) => ({ id, text: m(`scope_${id}`) }))}
                  onChange={({ detail }) => set("scope", detail.selectedId === "all" ? "" : detail.selectedId)}
                />
              </FormField>
              <ActionField key={action} value={action} onChange={(value) => set("action", value)} />
            </SpaceBetween>
            {found.problem}
          </SpaceBetween>
        }
        list={found.list}
        columns={columns}
        rowId={(p) => p.Arn ?? ""}
        selection="single"
        empty={
          <Empty
            title={action === "" ? m("emptyTitle") : m("emptyAction", { action })}
            text={action === "" ? m("emptyText") : m("emptyActionText")}
            action={<Button href={to("/iam/policies/create")}>{m("create")}</Button>}
            cli="aws iam create-policy --policy-name read-reports --policy-document file://policy.json"
          />
        }
        actions={([selected]) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!selected || isManagedByAws(selected.Arn ?? "")} onClick={() => setDeleting(selected)}>
              {m("delete")}
            </Button>
            {create}
          </SpaceBetween>
        )}
      />
      {deleting && <DeletePolicy policy={deleting} onClose={() => setDeleting(undefined)} />}
    </SpaceBetween>
  );
}

/** Asks for an action; it counts when it is entered or left. */
function ActionField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const m = useMessages(messages);
  const [text, setText] = useState(value);
  const wrong = text.trim() !== "" && wantedOf(text) === undefined;
  const done = () => {
    if (!wrong && text.trim() !== value) onChange(text.trim());
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
    >
      <FormField label={m("allows")} errorText={wrong ? m("allowsWrong") : undefined}>
        <Input
          type="search"
          value={text}
          placeholder="s3:PutObject"
          spellcheck={false}
          onBlur={done}
          onChange={({ detail }) => {
            setText(detail.value);
            if (detail.value === "") onChange("");
          }}
        />
      </FormField>
    </form>
  );
}

/** useFiltered leaves the policies of a kind, and those that allow an action. */
function useFiltered(policies: List<Policy>, scope: Scope, action: string) {
  const m = useMessages(messages);
  const wanted = useMemo(() => wantedOf(action), [action]);
  const own = useCustomerGrants(wanted !== undefined && scope !== "aws");
  const managed = useQuery({
    queryKey: ["catalog", "policies", wanted?.prefix ?? ""],
    queryFn: () => readManagedGrants(wanted?.prefix ?? ""),
    enabled: wanted !== undefined && scope !== "customer",
    staleTime: Infinity,
  });
  const items = useMemo(() => {
    const ofScope = policies.items.filter((p) => scope === "all" || isManagedByAws(p.Arn ?? "") === (scope === "aws"));
    if (!wanted) return ofScope;
    return ofScope.filter((p) =>
      grantsCover(
        isManagedByAws(p.Arn ?? "") ? managed.data?.[p.PolicyName ?? ""] : own.data?.get(p.Arn ?? ""),
        wanted.pattern,
      ),
    );
  }, [policies.items, scope, wanted, own.data, managed.data]);
  const waiting = wanted !== undefined && (own.loading || managed.isLoading);
  const list: List<Policy> = {
    ...policies,
    data: policies.data && !waiting ? items : undefined,
    items: waiting ? [] : items,
    loading: policies.loading || waiting,
  };
  const problem = own.problem ?? (managed.error ? problemOf(managed.error) : undefined);
  return {
    list,
    problem: wanted && problem && (
      <SpaceBetween size="xs">
        <Alert type="info">{own.problem ? m("customerUnknown") : m("managedUnknown")}</Alert>
        <ErrorPanel problem={problem} />
      </SpaceBetween>
    ),
  };
}
