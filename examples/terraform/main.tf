# A company in one file: people, what they may do, and an organization that
# keeps its members from leaving. Everything goes to a Regent server.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "regent" {
  description = "URL of the Regent server."
  type        = string
  default     = "http://127.0.0.1:8700"
}

variable "team" {
  description = "Name of the team, for tags and paths."
  type        = string
  default     = "blue"
}

variable "on_call_hours" {
  description = "How long a session of who is on call lasts at most."
  type        = number
  default     = 2
}

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true

  endpoints {
    iam           = var.regent
    organizations = var.regent
    sts           = var.regent
  }
}

data "aws_caller_identity" "me" {}
