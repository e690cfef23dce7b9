import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRead } from "@/aws";
import { GetPolicyCommand, GetPolicyVersionCommand, useIam } from "@/aws/iam";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import permissions from "@/messages/en/permissions";
import { JsonView } from "../json-view";
import { PanelState } from "../panel-state";
import { documentText } from "../trust";

/** A managed policy's document, to look at while choosing. */
export function PolicyDialog({ arn, name, close }: { arn: string; name: string; close: () => void }) {
  const m = useMessages(permissions);
  const c = useMessages(common);
  const iam = useIam();
  const policy = useRead(["iam", "policy", arn, "default"], async () => {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    const VersionId = Policy?.DefaultVersionId;
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }));
    return {
      description: Policy?.Description ?? "",
      version: VersionId ?? "",
      document: documentText(PolicyVersion?.Document),
    };
  });
  return (
    <Modal
      visible
      size="large"
      onDismiss={close}
      header={<span className="break">{m("policyTitle", { name })}</span>}
      footer={
        <Box float="right">
          <Button onClick={close}>{c("close")}</Button>
        </Box>
      }
    >
      <PanelState reading={policy} lines={6}>
        {({ description, version, document }) => (
          <SpaceBetween size="s">
            {description !== "" && <Box>{description}</Box>}
            <Box color="text-body-secondary" fontSize="body-s">
              {m("policyVersion", { version })} <span className="break">{arn}</span>
            </Box>
            <JsonView value={document} name={name} />
          </SpaceBetween>
        )}
      </PanelState>
    </Modal>
  );
}
