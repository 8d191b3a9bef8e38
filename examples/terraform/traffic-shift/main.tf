# A state machine that shifts the traffic of one listener rule for minutes or days, and rolls back on a bad metric.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws     = { source = "hashicorp/aws", version = ">= 6.0" }
    archive = { source = "hashicorp/archive", version = ">= 2.4" }
  }
}

variable "bundle" {
  description = "Folder of the bundle of shift-traffic.ts: see README.md"
  type        = string
  default     = "../../sam/dist"
}

variable "definition" {
  description = "The definition that machines.ts writes"
  type        = string
  default     = "../../sam/shift.asl.json"
}

variable "name" {
  description = "Start of all names, at most 30 characters"
  type        = string
  default     = "orders"

  # The prefix of a role's name has at most 38 characters.
  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,30}$", var.name))
    error_message = "name: expected 1 to 30 letters, digits, hyphens or underscores."
  }
}

variable "rule_arn" {
  description = "The rule of an Application Load Balancer that forwards to both target groups"
  type        = string
}

variable "load_balancer_arn" {
  type = string
}

variable "blue_target_group_arn" {
  type = string
}

variable "green_target_group_arn" {
  type = string
}

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  # The end of an ARN's start: Region and account.
  place = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
}

data "archive_file" "bundle" {
  type        = "zip"
  source_dir  = var.bundle
  output_path = "${path.module}/.terraform/shift.zip"
}

data "aws_iam_policy_document" "assumed_by" {
  for_each = toset(["lambda", "states"])

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.value}.amazonaws.com"]
    }
  }
}

resource "aws_cloudwatch_log_group" "shift" {
  name              = "/aws/lambda/${var.name}-shift"
  retention_in_days = 90
}

resource "aws_iam_role" "function" {
  name_prefix        = "${var.name}-shift-"
  assume_role_policy = data.aws_iam_policy_document.assumed_by["lambda"].json
}

data "aws_iam_policy_document" "function" {
  # AWS has no narrower resource for these.
  statement {
    sid = "Read"
    actions = [
      "cloudwatch:GetMetricData",
      "elasticloadbalancing:DescribeRules",
      "elasticloadbalancing:DescribeTargetGroupAttributes",
      "elasticloadbalancing:DescribeTargetHealth",
    ]
    resources = ["*"]
  }
  statement {
    sid       = "Shift"
    actions   = ["elasticloadbalancing:ModifyRule"]
    resources = [var.rule_arn]
  }
}

data "aws_iam_policy_document" "log" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.shift.arn}:*"]
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "shift"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

resource "aws_iam_role_policy" "log" {
  name   = "log"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.log.json
}

resource "aws_lambda_function" "shift" {
  function_name    = "${var.name}-shift"
  handler          = "shift-traffic.handler"
  filename         = data.archive_file.bundle.output_path
  source_code_hash = data.archive_file.bundle.output_base64sha256
  role             = aws_iam_role.function.arn
  runtime          = "nodejs22.x"
  architectures    = ["arm64"]
  memory_size      = 512
  # As functionTimeoutSeconds in machines.ts.
  timeout = 120

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.shift.name
  }

  environment {
    variables = {
      RULE_ARN               = var.rule_arn
      LOAD_BALANCER_ARN      = var.load_balancer_arn
      BLUE_TARGET_GROUP_ARN  = var.blue_target_group_arn
      GREEN_TARGET_GROUP_ARN = var.green_target_group_arn
    }
  }

  depends_on = [aws_iam_role_policy.function, aws_iam_role_policy.log]
}

resource "aws_iam_role" "machine" {
  name_prefix        = "${var.name}-shifts-"
  assume_role_policy = data.aws_iam_policy_document.assumed_by["states"].json
}

data "aws_iam_policy_document" "machine" {
  # To continue as a new execution, before the history of a long shift is full.
  statement {
    sid       = "ManagedRule"
    actions   = ["events:DescribeRule", "events:PutRule", "events:PutTargets"]
    resources = ["arn:${local.partition}:events:${local.place}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"]
  }
  statement {
    sid       = "Steps"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.shift.arn]
  }
  statement {
    sid       = "Executions"
    actions   = ["states:DescribeExecution", "states:StopExecution"]
    resources = ["arn:${local.partition}:states:${local.place}:execution:${var.name}-shifts:*"]
  }
  statement {
    sid       = "Continuation"
    actions   = ["states:StartExecution"]
    resources = ["arn:${local.partition}:states:${local.place}:stateMachine:${var.name}-shifts"]
  }
}

resource "aws_iam_role_policy" "machine" {
  name   = "shifts"
  role   = aws_iam_role.machine.id
  policy = data.aws_iam_policy_document.machine.json
}

resource "aws_sfn_state_machine" "shifts" {
  name     = "${var.name}-shifts"
  role_arn = aws_iam_role.machine.arn
  definition = templatefile(var.definition, {
    FunctionArn = aws_lambda_function.shift.arn
    Partition   = local.partition
  })

  depends_on = [aws_iam_role_policy.machine]
}

# Failed: rolled back, halted, or not begun, with the reason in the execution. Aborted: the weights stay as they are.
resource "aws_cloudwatch_metric_alarm" "not_shifted" {
  for_each = toset(["ExecutionsFailed", "ExecutionsAborted"])

  alarm_name          = "${var.name}-shifts-${each.value}"
  namespace           = "AWS/States"
  metric_name         = each.value
  dimensions          = { StateMachineArn = aws_sfn_state_machine.shifts.arn }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
}

output "state_machine_arn" {
  value = aws_sfn_state_machine.shifts.arn
}
