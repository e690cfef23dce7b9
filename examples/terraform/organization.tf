# The organization of the account that the credentials are of, which becomes
# its management account.

resource "aws_organizations_organization" "company" {
  feature_set          = "ALL"
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}

resource "aws_organizations_organizational_unit" "workloads" {
  name      = "workloads"
  parent_id = aws_organizations_organization.company.roots[0].id
  tags      = { team = var.team }
}

resource "aws_organizations_organizational_unit" "production" {
  name      = "production"
  parent_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_policy" "stay" {
  name        = "stay"
  description = "Nobody leaves."
  type        = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }]
  })
  tags       = { team = var.team }
  depends_on = [aws_organizations_organization.company]
}

resource "aws_organizations_policy_attachment" "workloads" {
  policy_id = aws_organizations_policy.stay.id
  target_id = aws_organizations_organizational_unit.workloads.id
}

output "on_call" {
  value = aws_iam_role.on_call.arn
}
