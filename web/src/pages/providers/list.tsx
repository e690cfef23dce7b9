import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import type { List } from "@/aws";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/providers";
import { AddOidc } from "./add-oidc";
import { AddSaml } from "./add-saml";
import { DeleteProvider } from "./delete-provider";
import { providerName, useProviders, type Kind, type Row } from "./reading";

export function Component() {
  const m = useMessages(messages);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("description")}>
          {m("title")}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Providers kind="oidc" />
        <Providers kind="saml" />
      </SpaceBetween>
    </ContentLayout>
  );
}

function Providers({ kind }: { kind: Kind }) {
  const m = useMessages(messages);
  const to = useTo();
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Row>();
  const providers = useProviders(kind);
  const list = useMemo(
    (): List<Row> => ({
      ...providers,
      items: providers.data ?? [],
      more: false,
      readMore: () => {},
      readingMore: false,
    }),
    [providers],
  );
  const saml: Column<Row>[] = [
    {
      id: "valid",
      header: m("validUntil"),
      value: (r) => r.validUntil,
      cell: (r) => <Time value={r.validUntil} date />,
    },
    { id: "created", header: m("created"), value: (r) => r.created, cell: (r) => <Time value={r.created} /> },
  ];
  const add = <Button onClick={() => setAdding(true)}>{m(`${kind}Add`)}</Button>;
  return (
    <>
      <ResourceTable<Row>
        name={`providers-${kind}`}
        prefix={kind === "oidc" ? "o." : "s."}
        title={m(`${kind}Title`)}
        description={m(`${kind}Text`)}
        list={list}
        rowId={(r) => r.arn}
        columns={[
          {
            id: "name",
            header: m("name"),
            value: (r) => providerName(r.arn),
            cell: (r) => (
              <Link href={to(path`/iam/providers/${r.arn}`)}>
                <span className="break">{providerName(r.arn)}</span>
              </Link>
            ),
          },
          ...(kind === "saml" ? saml : []),
          { id: "arn", header: m("arn"), value: (r) => r.arn, cell: (r) => <span className="break">{r.arn}</span> },
        ]}
        selection="single"
        actions={([selected]) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!selected} onClick={() => setDeleting(selected)}>
              {m("delete")}
            </Button>
            {add}
          </SpaceBetween>
        )}
        empty={
          <Empty
            title={m(`${kind}Empty`)}
            text={m(`${kind}EmptyText`)}
            action={add}
            cli={
              kind === "oidc"
                ? "aws iam create-open-id-connect-provider --url https://… --client-id-list sts.amazonaws.com"
                : "aws iam create-saml-provider --name company --saml-metadata-document file://metadata.xml"
            }
          />
        }
      />
      {adding && kind === "oidc" && <AddOidc onClose={() => setAdding(false)} />}
      {adding && kind === "saml" && <AddSaml onClose={() => setAdding(false)} />}
      {deleting && <DeleteProvider arn={deleting.arn} onClose={() => setDeleting(undefined)} />}
    </>
  );
}
