import Alert from "@cloudscape-design/components/alert";
import { useQueryClient } from "@tanstack/react-query";
import { useNotices, useSession } from "@/aws";
import { DeleteOpenIDConnectProviderCommand, DeleteSAMLProviderCommand, useIam } from "@/aws/iam";
import { ConfirmDelete } from "@/components/confirm-delete";
import { useMessages } from "@/messages";
import messages from "@/messages/en/providers";
import { kindOf, providerName } from "./reading";

export function DeleteProvider({
  arn,
  onClose,
  onDeleted,
}: {
  arn: string;
  onClose: () => void;
  onDeleted?: () => void;
}) {
  const m = useMessages(messages);
  const iam = useIam();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const name = providerName(arn);
  const oidc = kindOf(arn) === "oidc";
  return (
    <ConfirmDelete
      name={name}
      title={m("deleteTitle", { name })}
      steps={[
        {
          text: m("deleteStep", { name }),
          run: async () => {
            if (oidc) await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
            else await iam.send(new DeleteSAMLProviderCommand({ SAMLProviderArn: arn }));
          },
          call: oidc
            ? {
                service: "iam",
                command: "delete-open-id-connect-provider",
                options: { "open-id-connect-provider-arn": arn },
              }
            : { service: "iam", command: "delete-saml-provider", options: { "saml-provider-arn": arn } },
        },
      ]}
      onDone={() => {
        notices.success(m("deleted", { name }));
        onClose();
        onDeleted?.();
        void queries.invalidateQueries({ queryKey: [session.id, "iam", "providers"] });
      }}
      onClose={onClose}
    >
      <Alert type="warning">{m("deleteText")}</Alert>
    </ConfirmDelete>
  );
}
