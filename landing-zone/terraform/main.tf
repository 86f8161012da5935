# The rule in every account of the chosen organizational units: a bucket with the built function, and a StackSet that
# deploys the member template. For Terraform and OpenTofu.

locals {
  # CloudFormation updates the function only if the key changes.
  artifact_key = "${filesha256(var.artifact)}.zip"
  call_as      = var.administrator == "delegated-administrator" ? "DELEGATED_ADMIN" : "SELF"
}

resource "aws_s3_bucket" "artifact" {
  #checkov:skip=CKV_AWS_18:The builds are not secret. CloudTrail data events show who reads them.
  #checkov:skip=CKV_AWS_144:A build can be made again.
  #checkov:skip=CKV_AWS_145:Other accounts cannot use the key that AWS manages. Your own key costs more a month than the rule.
  #checkov:skip=CKV2_AWS_61:Earlier builds are few and small, and stay so that you can go back to them.
  #checkov:skip=CKV2_AWS_62:Nothing reacts to a new build.
  bucket_prefix = "root-access-key-rule-"
  region        = var.home_region
  tags          = var.tags
}

resource "aws_s3_bucket_ownership_controls" "artifact" {
  bucket = aws_s3_bucket.artifact.id
  region = var.home_region

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "artifact" {
  bucket                  = aws_s3_bucket.artifact.id
  region                  = var.home_region
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifact" {
  bucket = aws_s3_bucket.artifact.id
  region = var.home_region

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "artifact" {
  bucket = aws_s3_bucket.artifact.id
  region = var.home_region

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "artifact" {
  bucket = aws_s3_bucket.artifact.id
  region = var.home_region
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.artifact.arn, "${aws_s3_bucket.artifact.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.artifact.arn}/*"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = var.organization_id } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.artifact]
}

resource "aws_s3_object" "function" {
  bucket      = aws_s3_bucket.artifact.id
  region      = var.home_region
  key         = local.artifact_key
  source      = var.artifact
  source_hash = filesha256(var.artifact)

  depends_on = [aws_s3_bucket_versioning.artifact]

  lifecycle {
    # The StackSet still needs the previous build while accounts are updated.
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack_set" "rule" {
  name             = "root-access-key-rule-org"
  description      = "root-access-key-rule in every account."
  region           = var.home_region
  permission_model = "SERVICE_MANAGED"
  call_as          = local.call_as
  capabilities     = ["CAPABILITY_IAM"]
  template_body    = file(var.member_template)
  tags             = var.tags

  parameters = {
    ArtifactBucket   = aws_s3_bucket.artifact.id
    ArtifactKey      = aws_s3_object.function.key
    Frequency        = var.frequency
    LogRetentionDays = tostring(var.log_retention_days)
    NoticeBus        = var.notification_bus_arn
  }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  managed_execution {
    active = true
  }

  operation_preferences {
    failure_tolerance_percentage = 10
    max_concurrent_percentage    = 25
  }

  # The accounts cannot read the function without the bucket policy.
  depends_on = [aws_s3_bucket_policy.artifact]
}

resource "aws_cloudformation_stack_set_instance" "unit" {
  for_each = var.organizational_units

  region                    = var.home_region
  stack_set_name            = aws_cloudformation_stack_set.rule.name
  stack_set_instance_region = var.home_region
  call_as                   = local.call_as

  deployment_targets {
    organizational_unit_ids = [each.value]
  }

  operation_preferences {
    concurrency_mode             = "SOFT_FAILURE_TOLERANCE"
    failure_tolerance_percentage = 10
    max_concurrent_percentage    = 25
  }
}
