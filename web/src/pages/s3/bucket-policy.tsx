import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNotices, useRead, useSession, useWrite } from "@/aws";
import { DeleteBucketPolicyCommand, GetBucketPolicyCommand, PutBucketPolicyCommand, useS3 } from "@/aws/s3";
import { ConfirmDelete } from "@/components/confirm-delete";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/s3";
import { newDocument, PolicyEditor, SavePolicy } from "@/policy/editor";
import { PolicySummary, PolicyView } from "@/policy/view";
import { ReachList } from "./reach-list";
import { useReach } from "./use-reach";

/** The bucket's policy: who it lets in, the document, and its editor. */
export function BucketPolicy({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const s3 = useS3();
  const [editing, setEditing] = useState<{ original: string }>();
  const [deleting, setDeleting] = useState(false);
  const policy = useRead(["s3", "bucket", bucket, "policy"], async () => {
    try {
      return (await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }))).Policy ?? "";
    } catch (error) {
      if ((error as Error).name === "NoSuchBucketPolicy") return "";
      throw error;
    }
  });
  const has = policy.data !== undefined && policy.data !== "";
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("policyText")}
          actions={
            !editing && (
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!has} onClick={() => setDeleting(true)}>
                  {c("delete")}
                </Button>
                <Button onClick={() => setEditing({ original: policy.data ?? "" })}>
                  {has ? c("edit") : m("policyAdd")}
                </Button>
              </SpaceBetween>
            )
          }
        >
          {m("policy")}
        </Header>
      }
    >
      {editing ? (
        <EditPolicy bucket={bucket} original={editing.original} onClose={() => setEditing(undefined)} />
      ) : (
        <PanelState
          reading={policy}
          isEmpty={(text) => text === ""}
          empty={<Box color="text-body-secondary">{m("policyNone")}</Box>}
        >
          {(text) => (
            <SpaceBetween size="l">
              <WhoElse bucket={bucket} />
              <PolicySummary text={text} />
              <PolicyView text={text} label={m("policy")} />
            </SpaceBetween>
          )}
        </PanelState>
      )}
      {deleting && <DeletePolicy bucket={bucket} onClose={() => setDeleting(false)} />}
    </Container>
  );
}

function WhoElse({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const reach = useReach(bucket);
  return (
    <div>
      <Box variant="awsui-key-label">{m("reach")}</Box>
      <PanelState reading={reach} lines={1}>
        {(r) => <ReachList reach={r} />}
      </PanelState>
    </div>
  );
}

function EditPolicy({ bucket, original, onClose }: { bucket: string; original: string; onClose: () => void }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const s3 = useS3();
  const [text, setText] = useState(original === "" ? newDocument() : original);
  const save = useWrite((Policy: string) => s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy })), {
    invalidates: [["s3", "bucket", bucket, "policy"]],
    done: () => m("policySaved", { name: bucket }),
    onDone: onClose,
  });
  const before = original === "" ? undefined : original;
  return (
    <SpaceBetween size="l">
      <PolicyEditor value={text} onChange={setText} kind="bucket" original={before} />
      <div className="policy-buttons">
        <Button variant="link" onClick={onClose}>
          {c("cancel")}
        </Button>
        <SavePolicy
          text={text}
          kind="bucket"
          original={before}
          label={m("policySave")}
          pending={save.pending}
          problem={save.problem}
          disabled={text === original}
          onSave={save.start}
        >
          <ViewAs calls={[{ service: "s3api", command: "put-bucket-policy", options: { bucket, policy: text } }]} />
        </SavePolicy>
      </div>
    </SpaceBetween>
  );
}

function DeletePolicy({ bucket, onClose }: { bucket: string; onClose: () => void }) {
  const m = useMessages(messages);
  const s3 = useS3();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  return (
    <ConfirmDelete
      name={bucket}
      title={m("policyDeleteTitle", { name: bucket })}
      steps={[
        {
          text: m("policyDelete"),
          run: () => s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket })),
          call: { service: "s3api", command: "delete-bucket-policy", options: { bucket } },
        },
      ]}
      onDone={() => {
        notices.success(m("policyDeleted", { name: bucket }));
        onClose();
        void queries.invalidateQueries({ queryKey: [session.id, "s3", "bucket", bucket, "policy"] });
      }}
      onClose={onClose}
    >
      {m("policyDeleteText")}
    </ConfirmDelete>
  );
}
