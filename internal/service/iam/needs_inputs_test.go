package iam_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/servicetest"
)

// inputs has a valid call of every operation of IAM, on things that needsWorld
// makes as far as Regent has them. A word in braces is what needsWorld was told
// when it made something.
const inputs = `
AcceptDelegationRequest DelegationRequestId={delegation}
AddClientIDToOpenIDConnectProvider OpenIDConnectProviderArn={oidc} ClientID=client
AddRoleToInstanceProfile InstanceProfileName=ip RoleName=r
AddUserToGroup GroupName=g UserName=u
AssociateDelegationRequest DelegationRequestId={delegation}
AttachGroupPolicy GroupName=g PolicyArn={aws}
AttachRolePolicy RoleName=r PolicyArn={aws}
AttachUserPolicy UserName=u PolicyArn={aws}
ChangePassword OldPassword=Old-pass-1 NewPassword=New-pass-1
CreateAccessKey UserName=u
CreateAccountAlias AccountAlias=alias
CreateDelegationRequest OwnerAccountId=111122223333 Description=d Permissions.PolicyTemplateArn={template} RequestorWorkflowId=workflow NotificationChannel=arn:aws:sns:us-east-1:111122223333:t SessionDuration=3600
CreateGroup Path=/n/ GroupName=new
CreateInstanceProfile Path=/n/ InstanceProfileName=new {tags}
CreateLoginProfile UserName=u Password=Old-pass-1
CreateOpenIDConnectProvider Url=https://new.example ClientIDList.member.1=c ThumbprintList.member.1={thumbprint} {tags}
CreatePolicy Path=/n/ PolicyName=new PolicyDocument={document} {tags}
CreatePolicyVersion PolicyArn={policy} PolicyDocument={document}
CreateRole Path=/n/ RoleName=new AssumeRolePolicyDocument={trust} PermissionsBoundary={bound} {tags}
CreateSAMLProvider Name=new SAMLMetadataDocument={metadata} {tags}
CreateServiceLinkedRole AWSServiceName=autoscaling.amazonaws.com
CreateServiceSpecificCredential UserName=u ServiceName=bedrock.amazonaws.com CredentialAgeDays=30
CreateUser Path=/n/ UserName=new PermissionsBoundary={bound} {tags}
CreateVirtualMFADevice Path=/n/ VirtualMFADeviceName=new {tags}
DeactivateMFADevice UserName=u SerialNumber={mfa}
DeleteAccessKey UserName=u AccessKeyId={key}
DeleteAccountAlias AccountAlias=alias
DeleteAccountPasswordPolicy
DeleteGroup GroupName=g
DeleteGroupPolicy GroupName=g PolicyName=i
DeleteInstanceProfile InstanceProfileName=ip
DeleteLoginProfile UserName=u
DeleteOpenIDConnectProvider OpenIDConnectProviderArn={oidc}
DeletePolicy PolicyArn={policy}
DeletePolicyVersion PolicyArn={policy} VersionId=v2
DeleteRole RoleName=r
DeleteRolePermissionsBoundary RoleName=r
DeleteRolePolicy RoleName=r PolicyName=i
DeleteSAMLProvider SAMLProviderArn={saml}
DeleteSSHPublicKey UserName=u SSHPublicKeyId={ssh}
DeleteServerCertificate ServerCertificateName=cert
DeleteServiceLinkedRole RoleName=r
DeleteServiceSpecificCredential UserName=u ServiceSpecificCredentialId={credential}
DeleteSigningCertificate UserName=u CertificateId={signing}
DeleteUser UserName=u
DeleteUserPermissionsBoundary UserName=u
DeleteUserPolicy UserName=u PolicyName=i
DeleteVirtualMFADevice SerialNumber={mfa}
DetachGroupPolicy GroupName=g PolicyArn={aws}
DetachRolePolicy RoleName=r PolicyArn={aws}
DetachUserPolicy UserName=u PolicyArn={aws}
DisableOrganizationsRootCredentialsManagement
DisableOrganizationsRootSessions
DisableOutboundWebIdentityFederation
EnableMFADevice UserName=u SerialNumber={mfa} AuthenticationCode1=123456 AuthenticationCode2=654321
EnableOrganizationsRootCredentialsManagement
EnableOrganizationsRootSessions
EnableOutboundWebIdentityFederation
GenerateCredentialReport
GenerateOrganizationsAccessReport EntityPath=o-a1b2c3d4e5/r-f6g7 OrganizationsPolicyId=p-12345678
GenerateServiceLastAccessedDetails Arn={role}
GetAccessKeyLastUsed AccessKeyId={key}
GetAccountAuthorizationDetails
GetAccountPasswordPolicy
GetAccountSummary
GetContextKeysForCustomPolicy PolicyInputList.member.1={document}
GetContextKeysForPrincipalPolicy PolicySourceArn={role}
GetCredentialReport
GetDelegationRequest DelegationRequestId={delegation}
GetGroup GroupName=g
GetGroupPolicy GroupName=g PolicyName=i
GetHumanReadableSummary EntityArn=arn:aws:iam::111122223333:delegation-request/{delegation}
GetInstanceProfile InstanceProfileName=ip
GetLoginProfile UserName=u
GetMFADevice SerialNumber={mfa} UserName=u
GetOpenIDConnectProvider OpenIDConnectProviderArn={oidc}
GetOrganizationsAccessReport JobId={job}
GetOutboundWebIdentityFederationInfo
GetPolicy PolicyArn={policy}
GetPolicyVersion PolicyArn={policy} VersionId=v1
GetRole RoleName=r
GetRolePolicy RoleName=r PolicyName=i
GetSAMLProvider SAMLProviderArn={saml}
GetSSHPublicKey UserName=u SSHPublicKeyId={ssh} Encoding=SSH
GetServerCertificate ServerCertificateName=cert
GetServiceLastAccessedDetails JobId={job}
GetServiceLastAccessedDetailsWithEntities JobId={job} ServiceNamespace=s3
GetServiceLinkedRoleDeletionStatus DeletionTaskId=task/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling/{job}
GetUser UserName=u
GetUserPolicy UserName=u PolicyName=i
ListAccessKeys UserName=u
ListAccountAliases
ListAttachedGroupPolicies GroupName=g
ListAttachedRolePolicies RoleName=r
ListAttachedUserPolicies UserName=u
ListDelegationRequests OwnerId=arn:aws:iam::111122223333:user/x/u
ListEntitiesForPolicy PolicyArn={policy}
ListGroupPolicies GroupName=g
ListGroups PathPrefix=/x/
ListGroupsForUser UserName=u
ListInstanceProfileTags InstanceProfileName=ip
ListInstanceProfiles PathPrefix=/x/
ListInstanceProfilesForRole RoleName=r
ListMFADeviceTags SerialNumber={mfa}
ListMFADevices UserName=u
ListOpenIDConnectProviderTags OpenIDConnectProviderArn={oidc}
ListOpenIDConnectProviders
ListOrganizationsFeatures
ListPolicies PathPrefix=/p/
ListPoliciesGrantingServiceAccess Arn={role} ServiceNamespaces.member.1=s3
ListPolicyTags PolicyArn={policy}
ListPolicyVersions PolicyArn={policy}
ListRolePolicies RoleName=r
ListRoleTags RoleName=r
ListRoles PathPrefix=/x/
ListSAMLProviderTags SAMLProviderArn={saml}
ListSAMLProviders
ListSSHPublicKeys UserName=u
ListServerCertificateTags ServerCertificateName=cert
ListServerCertificates PathPrefix=/x/
ListServiceSpecificCredentials UserName=u
ListSigningCertificates UserName=u
ListUserPolicies UserName=u
ListUserTags UserName=u
ListUsers PathPrefix=/x/
ListVirtualMFADevices
PutGroupPolicy GroupName=g PolicyName=i PolicyDocument={document}
PutRolePermissionsBoundary RoleName=r PermissionsBoundary={aws}
PutRolePolicy RoleName=r PolicyName=i PolicyDocument={document}
PutUserPermissionsBoundary UserName=u PermissionsBoundary={aws}
PutUserPolicy UserName=u PolicyName=i PolicyDocument={document}
RejectDelegationRequest DelegationRequestId={delegation}
RemoveClientIDFromOpenIDConnectProvider OpenIDConnectProviderArn={oidc} ClientID=c
RemoveRoleFromInstanceProfile InstanceProfileName=ip RoleName=r
RemoveUserFromGroup GroupName=g UserName=u
ResetServiceSpecificCredential UserName=u ServiceSpecificCredentialId={credential}
ResyncMFADevice UserName=u SerialNumber={mfa} AuthenticationCode1=123456 AuthenticationCode2=654321
SendDelegationToken DelegationRequestId={delegation}
SetDefaultPolicyVersion PolicyArn={policy} VersionId=v1
SetSecurityTokenServicePreferences GlobalEndpointTokenVersion=v2Token
SimulateCustomPolicy PolicyInputList.member.1={document} ActionNames.member.1=s3:GetObject
SimulatePrincipalPolicy PolicySourceArn={role} ActionNames.member.1=s3:GetObject
TagInstanceProfile InstanceProfileName=ip {tags}
TagMFADevice SerialNumber={mfa} {tags}
TagOpenIDConnectProvider OpenIDConnectProviderArn={oidc} {tags}
TagPolicy PolicyArn={policy} {tags}
TagRole RoleName=r {tags}
TagSAMLProvider SAMLProviderArn={saml} {tags}
TagServerCertificate ServerCertificateName=cert {tags}
TagUser UserName=u {tags}
UntagInstanceProfile InstanceProfileName=ip TagKeys.member.1=k
UntagMFADevice SerialNumber={mfa} TagKeys.member.1=k
UntagOpenIDConnectProvider OpenIDConnectProviderArn={oidc} TagKeys.member.1=k
UntagPolicy PolicyArn={policy} TagKeys.member.1=k
UntagRole RoleName=r TagKeys.member.1=k
UntagSAMLProvider SAMLProviderArn={saml} TagKeys.member.1=k
UntagServerCertificate ServerCertificateName=cert TagKeys.member.1=k
UntagUser UserName=u TagKeys.member.1=k
UpdateAccessKey UserName=u AccessKeyId={key} Status=Inactive
UpdateAccountPasswordPolicy MinimumPasswordLength=8
UpdateAssumeRolePolicy RoleName=r PolicyDocument={trust}
UpdateDelegationRequest DelegationRequestId={delegation} Notes=n
UpdateGroup GroupName=g NewPath=/n/
UpdateLoginProfile UserName=u Password=New-pass-1
UpdateOpenIDConnectProviderThumbprint OpenIDConnectProviderArn={oidc} ThumbprintList.member.1={thumbprint}
UpdateRole RoleName=r Description=d
UpdateRoleDescription RoleName=r Description=d
UpdateSAMLProvider SAMLProviderArn={saml} SAMLMetadataDocument={metadata}
UpdateSSHPublicKey UserName=u SSHPublicKeyId={ssh} Status=Inactive
UpdateServerCertificate ServerCertificateName=cert NewPath=/n/
UpdateServiceSpecificCredential UserName=u ServiceSpecificCredentialId={credential} Status=Inactive
UpdateSigningCertificate UserName=u CertificateId={signing} Status=Inactive
UpdateUser UserName=u NewPath=/n/
UploadSSHPublicKey UserName=u SSHPublicKeyBody={sshbody}
UploadServerCertificate Path=/n/ ServerCertificateName=new CertificateBody={certificate} PrivateKey={private} {tags}
UploadSigningCertificate UserName=u CertificateBody={certificate}
`

// A world is an account with one of each noun: below /x/, bounded and tagged
// where IAM lets them be.
type needsWorld struct {
	*servicetest.Harness
	words  map[string]string // what stands in braces
	served map[string]bool
	tagged map[string]bool // ARNs of what has the tag team=a
}

// emptyNeedsWorld has the words of a world, and nothing in the account but a
// "stranger" who may do nothing.
func emptyNeedsWorld(t *testing.T) *needsWorld {
	t.Helper()
	certificate, private := selfSigned(t)
	w := &needsWorld{Harness: harness(t), served: map[string]bool{}, tagged: map[string]bool{}, words: map[string]string{
		"tags": "Tags.member.1.Key=k Tags.member.1.Value=v", "aws": awsReadOnly, "document": allowS3, "trust": trustOwn,
		"bound": "arn:aws:iam::aws:policy/PowerUserAccess", "policy": ownPolicy, "role": roleARN,
		"oidc": "arn:aws:iam::111122223333:oidc-provider/idp.example", "saml": "arn:aws:iam::111122223333:saml-provider/idp",
		"mfa": "arn:aws:iam::111122223333:mfa/x/dev", "thumbprint": strings.Repeat("a1", 20), "key": "AKIA0000000000000000",
		"ssh": "APKA0000000000000000", "signing": "ASCA00000000000000000000", "credential": "ACCA0000000000000000",
		"delegation": "dr-00000000-0000-4000-8000-000000000000", "job": "00000000-0000-4000-8000-000000000000",
		"template": "arn:aws:iam::aws:delegation-template/t", "certificate": certificate, "private": private,
		"sshbody": sshKey(t), "metadata": metadata(certificate),
	}}
	for _, op := range iam.New(iam.Config{PublicURL: "https://id.example"}).Operations() {
		w.served[op.Name] = true
	}
	w.Account(account, "root")
	w.User("stranger", account, "")
	return w
}

// newNeedsWorld makes one of each noun that Regent has.
func newNeedsWorld(t *testing.T) *needsWorld {
	t.Helper()
	w := emptyNeedsWorld(t)
	team := "Tags.member.1.Key=team Tags.member.1.Value=a"
	w.make("CreateUser UserName=u Path=/x/ PermissionsBoundary={bound} "+team, userARN)
	w.make("CreateGroup GroupName=g Path=/x/", "")
	w.make("CreateRole RoleName=r Path=/x/ AssumeRolePolicyDocument={trust} PermissionsBoundary={bound} "+team, roleARN)
	w.make("CreatePolicy PolicyName=pol Path=/p/ PolicyDocument={document} "+team, ownPolicy)
	w.make("CreateInstanceProfile InstanceProfileName=ip Path=/x/ "+team, "arn:aws:iam::111122223333:instance-profile/x/ip")
	w.make("CreateVirtualMFADevice VirtualMFADeviceName=dev Path=/x/ "+team, w.words["mfa"])
	w.make("CreateOpenIDConnectProvider Url=https://idp.example ClientIDList.member.1=c ThumbprintList.member.1={thumbprint} "+team, w.words["oidc"])
	w.make("CreateSAMLProvider Name=idp SAMLMetadataDocument={metadata} "+team, w.words["saml"])
	w.make("UploadServerCertificate ServerCertificateName=cert Path=/x/ CertificateBody={certificate} PrivateKey={private} "+team,
		"arn:aws:iam::111122223333:server-certificate/x/cert")
	w.learn("key", "CreateAccessKey UserName=u", "AccessKeyId")
	w.learn("ssh", "UploadSSHPublicKey UserName=u SSHPublicKeyBody={sshbody}", "SSHPublicKeyId")
	w.learn("signing", "UploadSigningCertificate UserName=u CertificateBody={certificate}", "CertificateId")
	w.learn("credential", "CreateServiceSpecificCredential UserName=u ServiceName=codecommit.amazonaws.com", "ServiceSpecificCredentialId")
	w.make("CreateLoginProfile UserName=u Password=Old-pass-1", "")
	w.Key("u", account, "u")
	return w
}

// call splits a line of inputs and fills in its words.
func (w *needsWorld) call(line string) (operation string, parameters []string) {
	line = strings.ReplaceAll(line, "{tags}", w.words["tags"])
	operation, rest, _ := strings.Cut(line, " ")
	for word := range strings.FieldsSeq(rest) {
		name, value, _ := strings.Cut(word, "=")
		for placeholder, text := range w.words {
			value = strings.ReplaceAll(value, "{"+placeholder+"}", text)
		}
		parameters = append(parameters, name, value)
	}
	return operation, parameters
}

// make makes something if Regent has it, and notes the ARN of what is tagged.
func (w *needsWorld) make(line, tagged string) *servicetest.Answer {
	operation, parameters := w.call(line)
	if !w.served[operation] {
		return nil
	}
	if tagged != "" {
		w.tagged[tagged] = true
	}
	return w.As("root").Call("iam", operation, parameters...).OK()
}

// learn makes something and keeps what it was called.
func (w *needsWorld) learn(word, line, member string) {
	if a := w.make(line, ""); a != nil {
		w.words[word] = a.Get(member)
	}
}

func selfSigned(t *testing.T) (certificate, private string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp.example"},
		NotBefore: servicetest.Epoch.Add(-time.Hour), NotAfter: servicetest.Epoch.Add(365 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// sshKey returns a public key in the form of authorized_keys.
func sshKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(public))
}

// metadata is what a SAML identity provider says of itself.
func metadata(certificate string) string {
	block, _ := pem.Decode([]byte(certificate))
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/" validUntil="2027-03-01T00:00:00Z">` +
		`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(block.Bytes) +
		`</X509Certificate></X509Data></KeyInfo></KeyDescriptor>` +
		`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/sso"/>` +
		`</IDPSSODescriptor></EntityDescriptor>` + strings.Repeat(" ", 800)
}
