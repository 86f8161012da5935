variable "artifact" {
  description = "Path of the built function, the release file root-access-key-rule-x86_64.zip."
  type        = string
}

variable "member_template" {
  description = "Path of the template that each account gets, the release file root-access-key-rule-x86_64.member.template.json."
  type        = string
}

variable "organization_id" {
  description = "Only accounts of this organization can read the built function, as in o-a1b2c3d4e5."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be the id of an organization, as in o-a1b2c3d4e5."
  }
}

variable "organizational_units" {
  description = "Ids of the organizational units, or of the root, whose accounts get the rule."
  type        = set(string)

  validation {
    condition = length(var.organizational_units) > 0 && alltrue([
      for id in var.organizational_units : can(regex("^(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$", id))
    ])
    error_message = "organizational_units must be ids of organizational units or of the root, as in ou-a1b2-c3d4e5f6 or r-a1b2."
  }
}

variable "administrator" {
  description = "The account that the provider signs in to: management-account or delegated-administrator."
  type        = string

  validation {
    condition     = contains(["management-account", "delegated-administrator"], var.administrator)
    error_message = "administrator must be management-account or delegated-administrator."
  }
}

variable "home_region" {
  description = "The one region in which the rule runs. IAM is global, so one region is enough."
  type        = string
  default     = "us-east-1"
}

variable "frequency" {
  description = "How often the rule evaluates each account."
  type        = string
  default     = "TwentyFour_Hours"

  validation {
    condition     = contains(["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"], var.frequency)
    error_message = "frequency must be One_Hour, Three_Hours, Six_Hours, Twelve_Hours, or TwentyFour_Hours."
  }
}

variable "log_retention_days" {
  description = "Days for which the log lines of the function are kept."
  type        = number
  default     = 365
}

variable "notification_bus_arn" {
  description = "ARN of the event bus that receives notifications from the accounts. Empty for none."
  type        = string
  default     = ""
}

variable "tags" {
  description = "Tags for the resources of this module and for the resources in each account."
  type        = map(string)
  default     = {}
}
