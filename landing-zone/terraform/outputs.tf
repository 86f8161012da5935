output "stack_set_name" {
  description = "Name of the StackSet, which root-keys status reads."
  value       = aws_cloudformation_stack_set.rule.name
}

output "artifact_bucket" {
  description = "Bucket that holds the built function."
  value       = aws_s3_bucket.artifact.id
}
