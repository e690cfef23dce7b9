package catalog

import (
	"slices"
	"strings"
)

// A LinkedService is a service that has a role of its own in the accounts that
// use it.
type LinkedService struct {
	Principal string // "autoscaling.amazonaws.com"
	Role      string // name of the role, without a suffix
	Policy    string // name of the managed policy that is attached to it
	Suffix    bool   // there may be several, told apart by a suffix
}

// linkedServices are the services with an AWS managed policy under
// /aws-service-role/ whose principal and role AWS's documentation names, by
// principal (IAM User Guide, "AWS services that work with IAM").
var linkedServices = [...]LinkedService{
	{"access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer", "AccessAnalyzerServiceRolePolicy", false},
	{"acm.amazonaws.com", "AWSServiceRoleForCertificateManager", "CertificateManagerServiceRolePolicy", false},
	{"airflow.amazonaws.com", "AWSServiceRoleForAmazonMWAA", "AmazonMWAAServiceRolePolicy", false},
	{"apidestinations.events.amazonaws.com", "AWSServiceRoleForAmazonEventBridgeApiDestinations", "AmazonEventBridgeApiDestinationsServiceRolePolicy", false},
	{"application-insights.amazonaws.com", "AWSServiceRoleForApplicationInsights", "CloudwatchApplicationInsightsServiceLinkedRolePolicy", false},
	{"application-signals.cloudwatch.amazonaws.com", "AWSServiceRoleForCloudWatchApplicationSignals", "CloudWatchApplicationSignalsServiceRolePolicy", false},
	{"appmesh.amazonaws.com", "AWSServiceRoleForAppMesh", "AWSAppMeshServiceRolePolicy", false},
	{"apprunner.amazonaws.com", "AWSServiceRoleForAppRunner", "AppRunnerServiceRolePolicy", false},
	{"appstream.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_AppStreamFleet", "AWSApplicationAutoscalingAppStreamFleetPolicy", false},
	{"appsync.amazonaws.com", "AWSServiceRoleForAppSync", "AWSAppSyncServiceRolePolicy", false},
	{"auditmanager.amazonaws.com", "AWSServiceRoleForAuditManager", "AWSAuditManagerServiceRolePolicy", false},
	{"autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy", true},
	{"backup.amazonaws.com", "AWSServiceRoleForBackup", "AWSBackupServiceLinkedRolePolicyForBackup", false},
	{"batch.amazonaws.com", "AWSServiceRoleForBatch", "BatchServiceRolePolicy", false},
	{"braket.amazonaws.com", "AWSServiceRoleForAmazonBraket", "AmazonBraketServiceRolePolicy", false},
	{"cassandra.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_CassandraTable", "AWSApplicationAutoscalingCassandraTablePolicy", false},
	{"chime.amazonaws.com", "AWSServiceRoleForAmazonChime", "AmazonChimeServiceRolePolicy", false},
	{"cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail", "CloudTrailServiceRolePolicy", false},
	{"codeguru-reviewer.amazonaws.com", "AWSServiceRoleForAmazonCodeGuruReviewer", "AmazonCodeGuruReviewerServiceRolePolicy", false},
	{"cognito-idp.amazonaws.com", "AWSServiceRoleForAmazonCognitoIdp", "AmazonCognitoIdpServiceRolePolicy", false},
	{"compute-optimizer.amazonaws.com", "AWSServiceRoleForComputeOptimizer", "ComputeOptimizerServiceRolePolicy", false},
	{"config-conforms.amazonaws.com", "AWSServiceRoleForConfigConforms", "ConfigConformsServiceRolePolicy", false},
	{"config.amazonaws.com", "AWSServiceRoleForConfig", "AWSConfigServiceRolePolicy", false},
	{"connect.amazonaws.com", "AWSServiceRoleForAmazonConnect", "AmazonConnectServiceLinkedRolePolicy", true},
	{"continuousexport.discovery.amazonaws.com", "AWSServiceRoleForApplicationDiscoveryServiceContinuousExport", "ApplicationDiscoveryServiceContinuousExportServiceRolePolicy", false},
	{"custom-resource.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_CustomResource", "AWSApplicationAutoScalingCustomResourcePolicy", false},
	{"datasync.amazonaws.com", "AWSServiceRoleForDataSync", "AWSDataSyncServiceRolePolicy", false},
	{"delivery.logs.amazonaws.com", "AWSServiceRoleForLogDelivery", "AWSServiceRoleForLogDeliveryPolicy", false},
	{"devops-guru.amazonaws.com", "AWSServiceRoleForDevOpsGuru", "AmazonDevOpsGuruServiceRolePolicy", false},
	{"dms.amazonaws.com", "AWSServiceRoleForDMSServerless", "AWSDMSServerlessServiceRolePolicy", false},
	{"docdb-elastic.amazonaws.com", "AWSServiceRoleForDocDB-Elastic", "AmazonDocDB-ElasticServiceRolePolicy", false},
	{"dynamodb.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable", "AWSApplicationAutoscalingDynamoDBTablePolicy", false},
	{"ec2.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_EC2SpotFleetRequest", "AWSApplicationAutoscalingEC2SpotFleetRequestPolicy", false},
	{"ec2fastlaunch.amazonaws.com", "AWSServiceRoleForEC2FastLaunch", "EC2FastLaunchServiceRolePolicy", false},
	{"ec2fleet.amazonaws.com", "AWSServiceRoleForEC2Fleet", "AWSEC2FleetServiceRolePolicy", false},
	{"ecs.amazonaws.com", "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy", false},
	{"ecs.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy", false},
	{"eks-fargate.amazonaws.com", "AWSServiceRoleForAmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy", false},
	{"eks-nodegroup.amazonaws.com", "AWSServiceRoleForAmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup", false},
	{"eks.amazonaws.com", "AWSServiceRoleForAmazonEKS", "AmazonEKSServiceRolePolicy", false},
	{"elasticache.amazonaws.com", "AWSServiceRoleForElastiCache", "ElastiCacheServiceRolePolicy", false},
	{"elasticbeanstalk.amazonaws.com", "AWSServiceRoleForElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy", false},
	{"elasticfilesystem.amazonaws.com", "AWSServiceRoleForAmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy", false},
	{"elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy", false},
	{"elasticmapreduce.amazonaws.com", "AWSServiceRoleForEMRCleanup", "AmazonEMRCleanupPolicy", false},
	{"email.cognito-idp.amazonaws.com", "AWSServiceRoleForAmazonCognitoIdpEmail", "AmazonCognitoIdpEmailServiceRolePolicy", false},
	{"emr-containers.amazonaws.com", "AWSServiceRoleForAmazonEMRContainers", "AmazonEMRContainersServiceRolePolicy", false},
	{"es.amazonaws.com", "AWSServiceRoleForAmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy", false},
	{"events.amazonaws.com", "AWSServiceRoleForCloudWatchEvents", "CloudWatchEventsServiceRolePolicy", false},
	{"fms.amazonaws.com", "AWSServiceRoleForFMS", "FMSServiceRolePolicy", false},
	{"fsx.amazonaws.com", "AWSServiceRoleForAmazonFSx", "AmazonFSxServiceRolePolicy", false},
	{"globalaccelerator.amazonaws.com", "AWSServiceRoleForGlobalAccelerator", "AWSGlobalAcceleratorSLRPolicy", false},
	{"guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy", false},
	{"imagebuilder.amazonaws.com", "AWSServiceRoleForImageBuilder", "AWSServiceRoleForImageBuilder", false},
	{"inspector.amazonaws.com", "AWSServiceRoleForAmazonInspector", "AmazonInspectorServiceRolePolicy", false},
	{"inspector2.amazonaws.com", "AWSServiceRoleForAmazonInspector2", "AmazonInspector2ServiceRolePolicy", false},
	{"internetmonitor.amazonaws.com", "AWSServiceRoleForInternetMonitor", "CloudWatchInternetMonitorServiceRolePolicy", false},
	{"kafka.amazonaws.com", "AWSServiceRoleForKafka", "KafkaServiceRolePolicy", false},
	{"lakeformation.amazonaws.com", "AWSServiceRoleForLakeFormationDataAccess", "LakeFormationDataAccessServiceRolePolicy", false},
	{"lambda.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency", "AWSApplicationAutoscalingLambdaConcurrencyPolicy", false},
	{"lex.amazonaws.com", "AWSServiceRoleForLexBots", "LexBotPolicy", false},
	{"lexv2.amazonaws.com", "AWSServiceRoleForLexV2Bots", "AmazonLexV2BotPolicy", true},
	{"lightsail.amazonaws.com", "AWSServiceRoleForLightsail", "LightsailExportAccess", false},
	{"macie.amazonaws.com", "AWSServiceRoleForAmazonMacie", "AmazonMacieServiceRolePolicy", false},
	{"member.org.stacksets.cloudformation.amazonaws.com", "AWSServiceRoleForCloudFormationStackSetsOrgMember", "CloudFormationStackSetsOrgMemberServiceRolePolicy", false},
	{"memorydb.amazonaws.com", "AWSServiceRoleForMemoryDB", "MemoryDBServiceRolePolicy", false},
	{"network-firewall.amazonaws.com", "AWSServiceRoleForNetworkFirewall", "AWSNetworkFirewallServiceRolePolicy", false},
	{"observability.aoss.amazonaws.com", "AWSServiceRoleForAmazonOpenSearchServerless", "AmazonOpenSearchServerlessServiceRolePolicy", false},
	{"opensearchservice.amazonaws.com", "AWSServiceRoleForAmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy", false},
	{"ops.athena.amazonaws.com", "AWSServiceRoleForAmazonAthena", "AmazonAthenaServiceRolePolicy", false},
	{"ops.emr-serverless.amazonaws.com", "AWSServiceRoleForAmazonEMRServerless", "AmazonEMRServerlessServiceRolePolicy", false},
	{"organizations.amazonaws.com", "AWSServiceRoleForOrganizations", "AWSOrganizationsServiceTrustPolicy", false},
	{"osis.amazonaws.com", "AWSServiceRoleForAmazonOpenSearchIngestionService", "AmazonOpenSearchIngestionServiceRolePolicy", false},
	{"ram.amazonaws.com", "AWSServiceRoleForResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy", false},
	{"rds.amazonaws.com", "AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy", false},
	{"rds.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_RDSCluster", "AWSApplicationAutoscalingRDSClusterPolicy", false},
	{"redshift.amazonaws.com", "AWSServiceRoleForRedshift", "AmazonRedshiftServiceLinkedRolePolicy", false},
	{"remediation.config.amazonaws.com", "AWSServiceRoleForConfigRemediation", "AWSConfigRemediationServiceRolePolicy", false},
	{"replication.dynamodb.amazonaws.com", "AWSServiceRoleForDynamoDBReplication", "DynamoDBReplicationServiceRolePolicy", false},
	{"resource-explorer-2.amazonaws.com", "AWSServiceRoleForResourceExplorer", "AWSResourceExplorerServiceRolePolicy", false},
	{"route53resolver.amazonaws.com", "AWSServiceRoleForRoute53Resolver", "Route53ResolverServiceRolePolicy", false},
	{"sagemaker.amazonaws.com", "AWSServiceRoleForAmazonSageMakerNotebooks", "AmazonSageMakerNotebooksServiceRolePolicy", false},
	{"sagemaker.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint", "AWSApplicationAutoscalingSageMakerEndpointPolicy", false},
	{"schemas.amazonaws.com", "AWSServiceRoleForSchemas", "AmazonEventBridgeSchemasServiceRolePolicy", false},
	{"securityhub.amazonaws.com", "AWSServiceRoleForSecurityHub", "AWSSecurityHubServiceRolePolicy", false},
	{"securitylake.amazonaws.com", "AWSServiceRoleForSecurityLake", "SecurityLakeServiceLinkedRole", false},
	{"servicequotas.amazonaws.com", "AWSServiceRoleForServiceQuotas", "ServiceQuotasServiceRolePolicy", false},
	{"spot.amazonaws.com", "AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy", false},
	{"spotfleet.amazonaws.com", "AWSServiceRoleForEC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy", false},
	{"ssm.amazonaws.com", "AWSServiceRoleForAmazonSSM", "AmazonSSMServiceRolePolicy", false},
	{"sso.amazonaws.com", "AWSServiceRoleForSSO", "AWSSSOServiceRolePolicy", false},
	{"stacksets.cloudformation.amazonaws.com", "AWSServiceRoleForCloudFormationStackSetsOrgAdmin", "CloudFormationStackSetsOrgAdminServiceRolePolicy", false},
	{"support.amazonaws.com", "AWSServiceRoleForSupport", "AWSSupportServiceRolePolicy", false},
	{"transitgateway.amazonaws.com", "AWSServiceRoleForVPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy", false},
	{"trustedadvisor.amazonaws.com", "AWSServiceRoleForTrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy", false},
	{"vpc-lattice.amazonaws.com", "AWSServiceRoleForVpcLattice", "AWSVpcLatticeServiceRolePolicy", false},
	{"wafv2.amazonaws.com", "AWSServiceRoleForWAFV2Logging", "WAFV2LoggingServiceRolePolicy", false},
}

// LookupLinkedService returns the service with that principal, spelled as it
// is.
func LookupLinkedService(principal string) (LinkedService, bool) {
	i, ok := slices.BinarySearchFunc(linkedServices[:], principal, func(s LinkedService, p string) int {
		return strings.Compare(s.Principal, p)
	})
	if !ok {
		return LinkedService{}, false
	}
	return linkedServices[i], true
}

// LinkedServices returns every service that can have a linked role, by
// principal.
func LinkedServices() []LinkedService { return slices.Clone(linkedServices[:]) }
