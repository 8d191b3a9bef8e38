# The functions of a stack swap whose traffic CodeDeploy moves, with the table of its record.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws     = { source = "hashicorp/aws", version = ">= 6.0" }
    archive = { source = "hashicorp/archive", version = ">= 2.4" }
  }
}

variable "bundle" {
  description = "Folder of the bundle of hooks.ts: see README.md"
  type        = string
  default     = "../../sam/dist"
}

variable "name" {
  description = "Start of all names, at most 24 characters"
  type        = string
  default     = "orders"

  # A Lambda function has a name of at most 64 characters.
  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,24}$", var.name))
    error_message = "name: expected 1 to 24 letters, digits, hyphens or underscores."
  }
}

variable "codedeploy_application" {
  type    = string
  default = "orders"
}

variable "deployment_group" {
  type    = string
  default = "web"
}

variable "cluster" {
  type    = string
  default = "orders"
}

variable "service" {
  type    = string
  default = "web"
}

variable "listener_arn" {
  description = "The production listener of the Application Load Balancer"
  type        = string
}

variable "blue_subscription_arn" {
  type = string
}

variable "green_subscription_arn" {
  type = string
}

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  # The end of an ARN's start: Region and account.
  place = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"

  hooks = {
    BeforeInstall         = { handler = "beforeInstall", name = "before-install" }
    AfterInstall          = { handler = "afterInstall", name = "after-install" }
    AfterAllowTestTraffic = { handler = "afterAllowTestTraffic", name = "after-allow-test-traffic" }
    BeforeAllowTraffic    = { handler = "beforeAllowTraffic", name = "before-allow-traffic" }
    AfterAllowTraffic     = { handler = "afterAllowTraffic", name = "after-allow-traffic" }
  }
  functions = merge(local.hooks, {
    DeploymentEnded = { handler = "deploymentEnded", name = "deployment-ended" }
  })

  # Both run deploymentEnded.
  triggers = {
    deployment = aws_cloudwatch_event_rule.deployment
    tick       = aws_cloudwatch_event_rule.tick
  }
}

resource "aws_dynamodb_table" "record" {
  name                        = "${var.name}-stack-swaps"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "application"
  deletion_protection_enabled = true

  attribute {
    name = "application"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

data "archive_file" "bundle" {
  type        = "zip"
  source_dir  = var.bundle
  output_path = "${path.module}/.terraform/hooks.zip"
}

resource "aws_cloudwatch_log_group" "hooks" {
  name              = "/aws/lambda/${var.name}-swap-hooks"
  retention_in_days = 90
}

data "aws_iam_policy_document" "assumed_by_lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "hooks" {
  name_prefix        = "${var.name}-swap-"
  assume_role_policy = data.aws_iam_policy_document.assumed_by_lambda.json
}

data "aws_iam_policy_document" "log" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.hooks.arn}:*"]
  }
}

data "aws_iam_policy_document" "swap" {
  statement {
    sid       = "Revision"
    actions   = ["codedeploy:GetApplicationRevision"]
    resources = ["arn:${local.partition}:codedeploy:${local.place}:application:${var.codedeploy_application}"]
  }
  statement {
    sid = "Deployments"
    actions = [
      "codedeploy:GetDeployment",
      "codedeploy:GetDeploymentGroup",
      "codedeploy:ListDeployments",
      "codedeploy:PutLifecycleEventHookExecutionStatus",
      "codedeploy:StopDeployment",
    ]
    resources = ["arn:${local.partition}:codedeploy:${local.place}:deploymentgroup:${var.codedeploy_application}/${var.deployment_group}"]
  }
  statement {
    sid       = "Record"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.record.arn]
  }
  statement {
    sid       = "Service"
    actions   = ["ecs:DescribeServices"]
    resources = ["arn:${local.partition}:ecs:${local.place}:service/${var.cluster}/${var.service}"]
  }
  # AWS has no narrower resource for these.
  statement {
    sid = "Everywhere"
    actions = [
      "ecs:DescribeTaskDefinition",
      "elasticloadbalancing:DescribeRules",
      "lambda:ListEventSourceMappings",
      "sns:GetSubscriptionAttributes",
      "sns:SetSubscriptionAttributes",
    ]
    resources = ["*"]
  }
  statement {
    sid       = "QueueReaders"
    actions   = ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"]
    resources = ["arn:${local.partition}:lambda:${local.place}:event-source-mapping:*"]
    condition {
      test     = "ArnLike"
      variable = "lambda:FunctionArn"
      values   = ["arn:${local.partition}:lambda:${local.place}:function:orders-ingest-*"]
    }
  }
  statement {
    sid       = "Databases"
    actions   = ["rds:DescribeDBClusters", "rds:StartDBCluster", "rds:StopDBCluster"]
    resources = ["arn:${local.partition}:rds:${local.place}:cluster:orders-*"]
  }
}

resource "aws_iam_role_policy" "log" {
  name   = "log"
  role   = aws_iam_role.hooks.id
  policy = data.aws_iam_policy_document.log.json
}

resource "aws_iam_role_policy" "swap" {
  name   = "swap"
  role   = aws_iam_role.hooks.id
  policy = data.aws_iam_policy_document.swap.json
}

resource "aws_lambda_function" "hook" {
  for_each = local.functions

  # The managed policies of CodeDeploy allow it only functions whose names begin with CodeDeployHook_.
  function_name    = "CodeDeployHook_${var.name}-${each.value.name}"
  handler          = "hooks.${each.value.handler}"
  filename         = data.archive_file.bundle.output_path
  source_code_hash = data.archive_file.bundle.output_base64sha256
  role             = aws_iam_role.hooks.arn
  runtime          = "nodejs22.x"
  architectures    = ["arm64"]
  memory_size      = 512
  # The maximum. A hook that runs out of time fails, and Lambda's two retries continue it: leave them on.
  timeout = 900

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.hooks.name
  }

  environment {
    variables = {
      SWAP_TABLE_NAME        = aws_dynamodb_table.record.name
      CLUSTER                = var.cluster
      SERVICE                = var.service
      LISTENER_ARN           = var.listener_arn
      BLUE_SUBSCRIPTION_ARN  = var.blue_subscription_arn
      GREEN_SUBSCRIPTION_ARN = var.green_subscription_arn
    }
  }

  depends_on = [aws_iam_role_policy.log, aws_iam_role_policy.swap]
}

# Best effort, so the schedule does the same.
resource "aws_cloudwatch_event_rule" "deployment" {
  name = "${var.name}-swap-deployment"
  event_pattern = jsonencode({
    source      = ["aws.codedeploy"]
    detail-type = ["CodeDeploy Deployment State-change Notification"]
    detail = {
      application     = [var.codedeploy_application]
      deploymentGroup = [var.deployment_group]
    }
  })
}

resource "aws_cloudwatch_event_rule" "tick" {
  name                = "${var.name}-swap-tick"
  schedule_expression = "rate(5 minutes)"
}

resource "aws_cloudwatch_event_target" "deployment_ended" {
  for_each = local.triggers

  rule = each.value.name
  arn  = aws_lambda_function.hook["DeploymentEnded"].arn
}

resource "aws_lambda_permission" "deployment_ended" {
  for_each = local.triggers

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.hook["DeploymentEnded"].function_name
  principal     = "events.amazonaws.com"
  source_arn    = each.value.arn
}

# A failed hook fails its deployment. Nothing but this alarm reports a failure after the deployment.
resource "aws_cloudwatch_metric_alarm" "deployment_ended_errors" {
  alarm_name          = "${var.name}-swap-deployment-ended-errors"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.hook["DeploymentEnded"].function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
}

output "app_spec_hooks" {
  description = "Hooks of the AppSpec file"
  value       = [for event, hook in local.hooks : { (event) = "CodeDeployHook_${var.name}-${hook.name}" }]
}

output "swap_table" {
  description = "The tableName of the record, for the pipeline that calls swap.next()"
  value       = aws_dynamodb_table.record.name
}
