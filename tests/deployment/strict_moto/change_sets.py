"""Change sets as the CDK CLI counts on them.

moto 5.2 takes the change sets of all stacks for one's, answers for those that
were deleted, knows no exports while one is executed, and leaves what fails as
it is, where AWS takes a new stack back.
"""

from typing import Any

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.responses import CloudFormationResponse

from strict_moto.cloudformation import FAILURES


class ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


def _name_by_stack() -> None:
    """The CDK CLI gives the change sets of all stacks the same name."""
    get = CloudFormationResponse._get_param

    def get_param(self: Any, name: str, if_none: Any = None) -> Any:
        value, stack = get(self, name, if_none), get(self, "StackName")
        if name != "ChangeSetName" or not stack or self._get_action() == "CreateChangeSet":
            return value
        backend = self.cloudformation_backend
        of_stack = [
            it.change_set_id
            for it in backend.change_sets.values()
            if stack in (it.stack_name, it.stack_id) and it.stack_id in backend.stacks and it.change_set_name == value
        ]
        return of_stack[-1] if of_stack else value

    CloudFormationResponse._get_param = get_param


def _answer_for_deleted() -> None:
    """The CDK CLI deletes the change set of its last deployment and looks until it is gone."""
    describe, delete = CloudFormationBackend.describe_change_set, CloudFormationBackend.delete_change_set

    def describe_change_set(self: Any, change_set_name: str) -> Any:
        if change_set_name not in self.change_sets:
            raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")
        return describe(self, change_set_name)

    def delete_change_set(self: Any, change_set_name: str) -> None:
        if change_set_name in self.change_sets:
            delete(self, change_set_name)

    CloudFormationBackend.describe_change_set = describe_change_set
    CloudFormationBackend.delete_change_set = delete_change_set


def _end() -> None:
    execute = CloudFormationBackend.execute_change_set

    def execute_change_set(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        change = self.change_sets[change_set_name]
        stack, kind = self.stacks[change.stack_id], change.change_set_type
        stack.resource_map.cross_stack_resources = self.exports
        try:
            execute(self, change_set_name, stack_name)
            stack._parse_template()
            stack.output_map = stack._create_output_map()
            self.exports.update((it.name, it) for it in stack.exports)
        except FAILURES as error:
            stack._add_stack_event(f"{kind}_FAILED", resource_status_reason=getattr(error, "message", str(error)))
            if kind == "CREATE":
                stack.resource_map.delete()
            stack.status = "ROLLBACK_COMPLETE" if kind == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
            change.execution_status = "EXECUTE_FAILED"

    CloudFormationBackend.execute_change_set = execute_change_set


def extend(_: str) -> None:
    """Extends the moto that runs in this process."""
    _name_by_stack()
    _answer_for_deleted()
    _end()
