import { DeleteOpenIDConnectProviderCommand, DeleteSAMLProviderCommand, useIam } from "@/aws/iam";
import { DeleteThing } from "@/components/delete-thing";
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
  const name = providerName(arn);
  const oidc = kindOf(arn) === "oidc";
  return (
    <DeleteThing
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
      warning={m("deleteText")}
      done={m("deleted", { name })}
      invalidates={["iam", "providers"]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
