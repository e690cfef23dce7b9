package policy

import "github.com/regent-iam/regent/arn"

// A keyID is the number of a well-known condition key, so that finding it in a
// [Context] is indexing. The zero keyID is every other key.
type keyID int

const knownKeys = len(wellKnownKeys)

// wellKnownKeys are the keys that most requests have, in the spelling of AWS's
// reference; any other key works as well, only slower.
var wellKnownKeys = [...]string{
	"",
	"aws:AssumedRoot",
	"aws:CalledVia",
	"aws:CalledViaAWSMCP",
	"aws:CalledViaFirst",
	"aws:CalledViaLast",
	"aws:ChatbotSourceArn",
	"aws:CurrentTime",
	"aws:Ec2InstanceSourcePrivateIPv4",
	"aws:Ec2InstanceSourceVpc",
	"aws:EpochTime",
	"aws:FederatedProvider",
	"aws:IsMcpServiceAction",
	"aws:MultiFactorAuthAge",
	"aws:MultiFactorAuthPresent",
	"aws:PrincipalAccount",
	"aws:PrincipalArn",
	"aws:PrincipalIsAWSService",
	"aws:PrincipalOrgID",
	"aws:PrincipalOrgPaths",
	"aws:PrincipalServiceName",
	"aws:PrincipalServiceNamesList",
	"aws:PrincipalType",
	"aws:RequestedRegion",
	"aws:ResourceAccount",
	"aws:ResourceOrgID",
	"aws:ResourceOrgPaths",
	"aws:SecureTransport",
	"aws:SourceAccount",
	"aws:SourceArn",
	"aws:SourceIdentity",
	"aws:SourceIp",
	"aws:SourceOrgID",
	"aws:SourceOrgPaths",
	"aws:SourceOwner",
	"aws:SourceVpc",
	"aws:SourceVpcArn",
	"aws:SourceVpce",
	"aws:TagKeys",
	"aws:TokenIssueTime",
	"aws:UserAgent",
	"aws:ViaAWSMCPService",
	"aws:ViaAWSService",
	"aws:VpcSourceIp",
	"aws:VpceAccount",
	"aws:VpceOrgID",
	"aws:VpceOrgPaths",
	"aws:referer",
	"aws:userid",
	"aws:username",
	"ec2:RoleDelivery",
	"ec2:SourceInstanceArn",
	"glue:CredentialIssuingService",
	"glue:RoleAssumedBy",
	"iam:AWSServiceName",
	"iam:AssociatedResourceArn",
	"iam:PassedToService",
	"iam:PermissionsBoundary",
	"iam:PolicyARN",
	"identitystore:UserId",
	"lambda:SourceFunctionArn",
	"s3:ObjectCreationOperation",
	"s3:ResourceAccount",
	"s3:TlsVersion",
	"s3:VersionId",
	"s3:authType",
	"s3:delimiter",
	"s3:if-match",
	"s3:if-none-match",
	"s3:max-keys",
	"s3:prefix",
	"s3:signatureAge",
	"s3:signatureversion",
	"s3:x-amz-acl",
	"s3:x-amz-content-sha256",
	"s3:x-amz-server-side-encryption",
	"s3:x-amz-storage-class",
	"ssm:SourceInstanceArn",
	"sts:ExternalId",
	"sts:RoleSessionName",
	"sts:SourceIdentity",
	"sts:TransitiveTagKeys",
}

// foldedKeys are the same keys folded; keyIDs finds either spelling.
var foldedKeys, keyIDs = indexKeys()

func indexKeys() (folded [knownKeys]string, ids map[string]keyID) {
	ids = make(map[string]keyID, 2*knownKeys)
	for i, key := range wellKnownKeys[1:] {
		folded[i+1] = arn.Fold(key)
		ids[key] = keyID(i + 1)
		ids[folded[i+1]] = keyID(i + 1)
	}
	return folded, ids
}

// A keyRef is a condition key ready to be looked up.
type keyRef struct {
	folded string
	id     keyID
}

func newKeyRef(key string) keyRef {
	if id := keyIDs[key]; id != 0 {
		return keyRef{folded: foldedKeys[id], id: id}
	}
	folded := arn.Fold(key)
	return keyRef{folded: folded, id: keyIDs[folded]}
}
