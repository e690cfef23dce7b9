"""STS's operations through boto3. It is run by TestSTSByBoto3, with the profile
root in the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name."""

import base64
import json
from email.utils import parsedate_to_datetime

import boto3
from boto3_journey import ADMINISTRATOR, ENDPOINT, account, allowing, client, expect, keys, refused, trusting


def temporary(answer, service):
    """A client with the credentials of an answer."""
    c = answer["Credentials"]
    return boto3.client(service, region_name="us-east-1", endpoint_url=ENDPOINT, aws_access_key_id=c["AccessKeyId"],
                        aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])


def lifetime(answer):
    """How many minutes the credentials of an answer are good for."""
    stamp = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
    return round((answer["Credentials"]["Expiration"] - parsedate_to_datetime(stamp)).total_seconds() / 60)


def federation(sts):
    everything = allowing("*", "*")
    answer = sts.get_federation_token(Name="Bob", Policy=everything, Tags=[{"Key": "team", "Value": "red"}])
    expect(answer["FederatedUser"]["Arn"].split(":")[5], "federated-user/Bob")
    expect(answer["PackedPolicySize"] > 0, True)
    expect(lifetime(answer), 720)
    bob = temporary(answer, "sts")
    expect(bob.get_caller_identity()["UserId"].split(":")[1], "Bob")
    refused("AccessDenied", "Cannot call AssumeRole with session credentials", bob.assume_role, RoleArn="arn:aws:iam::111122223333:role/r", RoleSessionName="bob")
    refused("InvalidClientTokenId", "", temporary(answer, "iam").list_users)
    temporary(answer, "s3").list_buckets()
    expect(sts.get_federation_token(Name="Bob")["PackedPolicySize"], 0)
    refused("MalformedPolicyDocument", "", sts.get_federation_token, Name="Bob", Policy="{}")
    root = client("root", "sts").get_federation_token(Name="Bob", Policy=everything, DurationSeconds=43200)
    expect(lifetime(root), 60)
    temporary(root, "s3").list_buckets()


def tokens(sts):
    answer = sts.get_session_token(DurationSeconds=900)
    expect(lifetime(answer), 15)
    refused("AccessDenied", "Cannot call GetFederationToken with session credentials", temporary(answer, "sts").get_federation_token, Name="Bob")
    expect(sts.get_access_key_info(AccessKeyId=answer["Credentials"]["AccessKeyId"])["Account"], sts.get_caller_identity()["Account"])
    refused("InvalidAuthorizationMessageException", "", sts.decode_authorization_message, EncodedMessage="none")
    refused("AccessDenied", "The trade-in token is not valid.", sts.get_delegated_access_token, TradeInToken="none")


def roles(sts, iam):
    me = sts.get_caller_identity()
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting(me["Account"]))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="r", PolicyArn=ADMINISTRATOR)
    answer = sts.assume_role(RoleArn=role, RoleSessionName="boto", Policy=allowing("iam:ListUsers", "*"))
    temporary(answer, "iam").list_users()
    refused("AccessDenied", "because no session policy allows the iam:ListRoles action", temporary(answer, "iam").list_roles)
    refused("AccessDenied", "Cannot call GetSessionToken with session credentials", temporary(answer, "sts").get_session_token)


def member_root(sts):
    client("root", "organizations").create_organization(FeatureSet="ALL")
    target = account(client("root", "organizations"), "member")
    audit = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    refused("AccessDenied", "sts:AssumeRoot", sts.assume_root, TargetPrincipal=target, TaskPolicyArn=audit)
    client("root", "organizations").enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    expect(client("root", "iam").enable_organizations_root_sessions()["EnabledFeatures"], ["RootSessions"])
    answer = sts.assume_root(TargetPrincipal=target, TaskPolicyArn=audit, DurationSeconds=600)
    expect(lifetime(answer), 10)
    expect(temporary(answer, "sts").get_caller_identity()["Arn"], f"arn:aws:iam::{target}:root")
    iam = temporary(answer, "iam")
    expect(json.dumps(iam.get_account_summary()["SummaryMap"]["Users"]), "0")
    refused("AccessDenied", "with an explicit deny in a sessions policy", iam.create_user, UserName="u")
    refused("ValidationError", "is not a policy of a privileged task", sts.assume_root, TargetPrincipal=target, TaskPolicyArn={"arn": ADMINISTRATOR})


def outbound(sts, iam):
    ask = {"Audience": ["api.example"], "SigningAlgorithm": "ES384", "DurationSeconds": 120}
    refused("OutboundWebIdentityFederationDisabledException", "", sts.get_web_identity_token, **ask)
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    expect(issuer.startswith("https://regent.example/_regent/oidc/"), True)
    answer = sts.get_web_identity_token(**ask)
    middle = answer["WebIdentityToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    expect(claims["iss"], issuer)
    expect("api.example" in claims["aud"], True)
    expect(claims["sub"], sts.get_caller_identity()["Arn"])
    expect(claims["exp"] - claims["iat"], 120)


def main():
    iam = client("root", "iam")
    iam.create_user(UserName="admin")
    iam.attach_user_policy(UserName="admin", PolicyArn=ADMINISTRATOR)
    keys("admin", iam.create_access_key(UserName="admin")["AccessKey"])
    sts = client("admin", "sts")
    federation(sts)
    tokens(sts)
    roles(sts, client("admin", "iam"))
    outbound(sts, client("admin", "iam"))
    member_root(sts)


main()
