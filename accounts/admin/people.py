"""Who works here: the team of an account, invitations, and for superusers all users."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import ReachedFilter
from accounts.domain import invitations, members
from accounts.domain.roles import May, Role
from accounts.models import Invitation, Membership, User


@admin.register(Membership)
class MembershipAdmin(ConsoleAdmin):
    """The team. People are added by invitation."""

    may_view = May.SEE_TEAM
    may_change = May.MANAGE_TEAM
    may_delete = May.MANAGE_TEAM
    empty_hint = "Nobody yet. Invite somebody under Invitations."

    list_display = ("person", "email", "role", "account", "created_at")
    list_filter = ("role", ("account", ReachedFilter))
    list_select_related = ("user", "account")
    search_fields = ("user__name", "user__email")
    search_help_text = "Search names and addresses"
    ordering = ("user__name", "id")
    fields = ("person", "email", "account", "role", "created_at")
    readonly_fields = ("person", "email", "account", "created_at")

    @column("Person", order="user__name")
    def person(self, membership: Membership) -> str:
        return str(membership.user)

    @column("E-mail", order="user__email")
    def email(self, membership: Membership) -> str:
        return membership.user.email

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        if "role" in changed:
            members.change_role(membership=obj, role=Role(changed["role"]), actor=self.actor(request))
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        members.remove(account=obj.account, user=obj.user, actor=self.actor(request))
        return True


@admin.register(Invitation)
class InvitationAdmin(ConsoleAdmin):
    """Made, seen and withdrawn; never changed."""

    may_view = May.SEE_TEAM
    may_add = May.MANAGE_TEAM
    may_delete = May.MANAGE_TEAM
    soft_removal = True
    empty_hint = "No invitation yet. Add one: the person gets a mail with a link."

    list_display = ("email", "role", "account", "state", "created_at", "expires_at")
    list_filter = ("role", ("account", ReachedFilter))
    list_select_related = ("account",)
    search_fields = ("email",)
    search_help_text = "Search addresses"
    ordering = ("-created_at", "-id")

    @column("State", label={"Open": "info", "Accepted": "success", "Withdrawn": "danger"})
    def state(self, invitation: Invitation) -> str:
        if invitation.accepted_at:
            return "Accepted"
        if invitation.revoked_at:
            return "Withdrawn"
        return "Open" if invitation.expires_at > timezone.now() else "Expired"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ("account", "email", "role")
        return asked if obj is None else (*asked, "state", "created_at", "expires_at", "accepted_at", "accepted_by")

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Invitation:
        made = invitations.invite(
            account=data["account"],
            email=data["email"],
            role=Role(data["role"]),
            send=True,
            actor=self.actor(request),
        )
        self.message_user(request, f"The link, should the mail not arrive: {made.url}", messages.INFO)
        return made.invitation

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        invitations.revoke(invitation=obj, actor=self.actor(request))
        return True


@admin.register(User)
class UserAdmin(ConsoleAdmin):
    """Everybody who signs in, for superusers."""

    account_path = None
    may_view = may_change = May.MANAGE_TEAM

    list_display = ("name", "email", "is_active", "is_superuser", "last_login", "created_at")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("name", "email", "public_id")
    search_help_text = "Search names, addresses and ids"
    ordering = ("name", "id")
    fields = (("name", "email"), ("phone", "public_id"), ("is_active", "is_staff"), "last_login", "created_at")
    readonly_fields = ("email", "public_id", "last_login", "created_at")
    actions = ("shut_out", "let_in")

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        active = changed.pop("is_active", None)
        if active is not None:
            # The verb also ends sessions and keys.
            change = members.reactivate if active else members.deactivate
            obj.is_active = not active
            change(user=obj, actor=self.actor(request))
        if changed:
            obj.save(update_fields=list(changed))
        return True

    @admin.action(description="Shut out: end sessions and keys", permissions=["change"])
    def shut_out(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        for user in queryset.exclude(public_id=self.actor(request).id):
            members.deactivate(user=user, actor=self.actor(request))
        self.message_user(request, "They can no longer sign in; their sessions and keys have ended.")
        return None

    @admin.action(description="Let in again", permissions=["change"])
    def let_in(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        for user in queryset:
            members.reactivate(user=user, actor=self.actor(request))
        self.message_user(request, "They can sign in again.")
        return None
