"""Groups of options: declared once as the fields of a struct, and added to a command by a decorator."""

import copy
import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import msgspec

Command = TypeVar("Command", bound=Callable[..., Any])


def with_option_groups(
    *, hidden: Collection[str] = (), instead: Mapping[str, Any] = {}, **groups: type[msgspec.Struct]
) -> Callable[[Command], Command]:
    """Replace a parameter of a command by the options of a struct, which the command receives as one value.

    With `@with_option_groups(options=ExperimentOptions)` Typer sees the struct's fields in the command's signature
    instead of the parameter `options`.

    Args:
        hidden: fields that the command takes without showing them in its help.
        instead: other annotations for fields.
        groups: the struct in place of each parameter.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapper(**given: Any) -> Any:
            for name, group in groups.items():
                given[name] = group(**{field: given.pop(field) for field in group.__struct_fields__})
            return command(**given)

        parameters = [_declared(one, hidden, instead) for one in _merged(command, groups)]
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return wrapper  # type: ignore[return-value]

    return decorate


def _declared(
    parameter: inspect.Parameter, hidden: Collection[str], instead: Mapping[str, Any]
) -> inspect.Parameter:
    annotation = instead.get(parameter.name, parameter.annotation)
    if parameter.name in hidden:
        kind, declaration = get_args(annotation)
        declaration = copy.copy(declaration)
        declaration.hidden = True
        annotation = Annotated[kind, declaration]
    return parameter.replace(annotation=annotation)


def _merged(command: Callable[..., Any], groups: dict[str, type[msgspec.Struct]]) -> list[inspect.Parameter]:
    hints = get_type_hints(command, include_extras=True)
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            parameters += _fields(groups[name])
        else:
            kind = inspect.Parameter.KEYWORD_ONLY
            parameters.append(parameter.replace(kind=kind, annotation=hints.get(name, Any)))
    return parameters


def _fields(group: type[msgspec.Struct]) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(field.name, kind, default=_default(field), annotation=hints[field.name])
        for field in msgspec.structs.fields(group)
    ]


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return inspect.Parameter.empty if field.required else field.default
