"""What every model admin of the console shares: whose rows, who may do what, and what a list costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from accounts.admin.forms import ConsoleForm
from accounts.admin.reach import chosen_account, narrowed, reach_of
from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.domain.queries import history
from accounts.domain.roles import May
from accounts.models import Account, User
from feedbackhub.errors import Conflict, HubError, Invalid

PAGE = 50
# Counting stops here: a longer list says "10,000+", and filters are the way on.
COUNT_CAP = 10_000


# The stubs make Paginator generic; Django itself does not.
if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class CappedPaginator(AnyPaginator):
    """Never counts a whole big table."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        counted: int = rows.order_by()[:COUNT_CAP].count()
        return counted


class ConsoleChangeList(ChangeList):
    """A list narrowed to the account chosen in the menu."""

    root_queryset: QuerySet[Any]

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        name = str(self.opts.verbose_name_plural)
        # As the menu has it: what follows the first letter stays, as in "API keys".
        self.title = name[:1].upper() + name[1:]

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        if self.model_admin.account_path:
            self.root_queryset = narrowed(request, self.root_queryset, self.model_admin.account_path)
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # Never counted; equal to the other, the header says nothing of a total.
        self.full_result_count = self.result_count


class ConsoleAdmin(ModelAdmin):
    """Rows of the accounts within reach only, in lists, filters, choices, autocompletes, actions and histories.

    `account_path` leads from the model to its account ("pk" for Account itself); None means the rows are the hub's own
    and a superuser's business. `may_*` name what a role must cover for the page to allow a thing; None: nobody may.
    """

    account_path: ClassVar[str | None] = "account"
    # Rows of no account that everybody may read, within what get_queryset says.
    shared: ClassVar[bool] = False
    may_view: ClassVar[May] = May.SEE_FEEDBACK
    may_add: ClassVar[May | None] = None
    may_change: ClassVar[May | None] = None
    may_delete: ClassVar[May | None] = None
    # The domain's removal keeps the row and what hangs on it: the confirmation must not threaten with more.
    soft_removal: ClassVar[bool] = False
    # Better words for fields whose names are a contract's.
    labels: ClassVar[dict[str, str]] = {}
    hints: ClassVar[dict[str, str]] = {}
    # What an empty list says to do next.
    empty_hint: ClassVar[str] = ""

    form = ConsoleForm
    paginator = CappedPaginator
    list_per_page = PAGE
    list_max_show_all = PAGE
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True

    # --- whose rows ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        reach = reach_of(request)
        if _has_field(self.model, "deleted_at"):
            rows = rows.filter(deleted_at=None)
        if self.account_path is None:
            return rows if reach.everything or self.shared else rows.none()
        return reach.rows(rows, self.account_path, self.may_view)

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        # One account only: naming it in every row says nothing.
        return columns if reach_of(request).several else [name for name in columns if name != "account"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ConsoleChangeList

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """What a relation may be set to: what the related model's own pages would list."""
        related = db_field.remote_field.model
        if self.admin_site.is_registered(related):
            rows: QuerySet[Any] = self.admin_site.get_model_admin(related).get_queryset(request)
            return rows
        choices: QuerySet[Any] | None = super().get_field_queryset(db, db_field, request)
        return choices

    # --- who may do what ---

    def account_id_of(self, obj: Any) -> int | None:
        *steps, last = (self.account_path or "").split("__")
        value: Any = obj
        for step in steps:
            value = getattr(value, step)
        account_id: int | None = getattr(value, "pk" if last == "pk" else f"{last}_id")
        return account_id

    def _may(self, request: HttpRequest, what: May | None, obj: Any = None) -> bool:
        reach = reach_of(request)
        if what is None:
            return False
        if self.account_path is None:
            return reach.everything or (self.shared and what == self.may_view)
        # Django also asks about no row: then any account will do, and the row's own decides later.
        return reach.may(what, self.account_id_of(obj) if isinstance(obj, self.model) and obj.pk else None)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.may_view)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.may_view, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.may_add)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.may_change, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.may_delete, obj)

    def sees_customers(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the reader's role covers who the customers are, in the row's account."""
        return obj is not None and reach_of(request).may(May.SEE_CUSTOMERS, self.account_id_of(obj))

    # --- forms ---

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Related rows have pages of their own; pop-ups over a form only get in the way.
            field.widget = field.widget.widget
        if field is not None and db_field.name in self.labels:
            field.label = self.labels[db_field.name]
        if field is not None and db_field.name in self.hints:
            field.help_text = self.hints[db_field.name]
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.related_model is Account:
            # Reaching an account to read it is not enough to put rows into it.
            reach = reach_of(request)
            if not reach.everything and self.may_add:
                field.queryset = field.queryset.filter(pk__in=reach.accounts(self.may_add))
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = list(super().get_readonly_fields(request, obj))
        # A row never moves to another account.
        if obj is not None and "account" not in fixed and _has_field(self.model, "account"):
            fixed.append("account")
        return fixed

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        reach = reach_of(request)
        account = chosen_account(request)
        if account is not None:
            initial.setdefault("account", account.pk)
        elif len(reach.roles) == 1:
            initial.setdefault("account", next(iter(reach.roles)))
        return initial

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refused = getattr(request, "_refused", None)
        return form

    # --- writing: each of these is one domain call where there is a verb ---

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Any:
        """Make the row from the form's data; None: save the form's own object."""
        return None

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        """Write the form's changed data; False: save the form's own object."""
        return False

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        """Remove the row; False: delete it."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        with actors.acting(self.actor(request)):
            if change:
                changed = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
                if not self.update_row(request, obj, changed):
                    obj.save()
                return
            made = self.create_row(request, form.cleaned_data)
            if made is None:
                obj.save()
            else:
                obj.__dict__.update(made.__dict__)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with actors.acting(self.actor(request)):
            if not self.remove_row(request, obj):
                obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """What the domain refuses while saving is said on the form, which keeps what was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except HubError as error:
            request._refused = error  # type: ignore[attr-defined]
        except IntegrityError:
            request._refused = Conflict("Another row says the same already.")  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        if not self.soft_removal:
            return super().get_deleted_objects(objs, request)
        refused = {self.opts.verbose_name for obj in objs if not self.has_delete_permission(request, obj)}
        return [str(obj) for obj in objs], {self.opts.verbose_name_plural: len(objs)}, refused, []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except (HubError, ProtectedError) as error:
            return self._back(request, error, f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        try:
            with transaction.atomic():
                return super().response_action(request, queryset)
        except (HubError, ProtectedError) as error:
            return self._back(request, error, f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        except ValidationError:
            # Django looks the keys up as they were sent.
            refused = Invalid("One of the chosen rows is none of this list.")
            return self._back(request, refused, f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _back(self, request: HttpRequest, error: HubError | ProtectedError, name: str, *args: str) -> HttpResponse:
        said = error.message if isinstance(error, HubError) else "Other rows still refer to it."
        self.message_user(request, said, messages.ERROR)
        return HttpResponseRedirect(reverse(name, args=args))

    # --- what happened ---

    def actor(self, request: HttpRequest) -> Actor:
        if not isinstance(request.user, User):
            raise TypeError("Only a signed-in user acts in the console.")
        return actors.from_user(request.user)

    def log_addition(self, *args: Any, **kwargs: Any) -> None:
        """The audit triggers see every write, also those past this form; a second log would say less."""

    log_change = log_addition
    log_deletions = log_addition

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "History",
            "subtitle": str(obj),
            "changes": history.of_row(row=obj),
            "tracked": history.is_tracked(self.model),
            "object": obj,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "console/history.html", context)


def _has_field(model: type[Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)
