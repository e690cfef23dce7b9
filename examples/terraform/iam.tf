# Developers read; who of them is on call may assume a role that writes.

resource "aws_iam_policy" "read" {
  name        = "read-logs"
  path        = "/${var.team}/"
  description = "Read the logs."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]
    }]
  })
  tags = { team = var.team }
}

resource "aws_iam_group" "developers" {
  name = "developers"
  path = "/${var.team}/"
}

resource "aws_iam_group_policy_attachment" "read" {
  group      = aws_iam_group.developers.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_user" "people" {
  for_each             = toset(["alice", "bob"])
  name                 = each.key
  path                 = "/${var.team}/"
  permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
  tags                 = { team = var.team, Owner = "people team" }
}

resource "aws_iam_user_group_membership" "people" {
  for_each = aws_iam_user.people
  user     = each.value.name
  groups   = [aws_iam_group.developers.name]
}

data "aws_iam_policy_document" "on_call_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.people["alice"].arn]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "on_call" {
  name                 = "on-call"
  path                 = "/${var.team}/"
  description          = "Who is on call repairs the logs."
  max_session_duration = 3600 * var.on_call_hours
  assume_role_policy   = data.aws_iam_policy_document.on_call_trust.json
  tags                 = { team = var.team }
}

resource "aws_iam_role_policy" "on_call" {
  name = "write-logs"
  role = aws_iam_role.on_call.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::logs/*" }]
  })
}

resource "aws_iam_role_policy_attachment" "on_call" {
  role       = aws_iam_role.on_call.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_user_policy_attachment" "bob" {
  user       = aws_iam_user.people["bob"].name
  policy_arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
}

resource "aws_iam_instance_profile" "web" {
  name = "web"
  role = aws_iam_role.on_call.name
}
