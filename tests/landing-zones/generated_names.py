"""The names that CloudFormation generates."""


def generated_name(stack: str, logical_id: str, limit: int) -> str:
    """The name of a resource that is given none: stack and logical id share what the service's limit leaves.

    As in `IdentifierUtils` of the CloudFormation CLI's Java plugin; `cdk/test/generated-names.ts` names the source.
    """
    free = limit - 13 - 1
    half = -(-free // 2)
    for_stack = min(len(stack), max(half, free - len(logical_id)))
    for_resource = min(len(logical_id), free - for_stack)
    return f"{stack[:for_stack]}-{logical_id[:for_resource]}-A1b2C3d4E5f6"
