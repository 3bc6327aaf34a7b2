"""Asking AWS: sessions by profile and role, and failures as refusals that say what to do."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from orchestration.exports.errors import RefusedDelivery

#: How AWS says that it does not know who asks, that they may not, and that they ask too often.
UNKNOWN_CALLER = (
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)
FORBIDDEN = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
TOO_OFTEN = (
    "RequestLimitExceeded",
    "Throttling",
    "ThrottledException",
    "ThrottlingException",
    "TooManyRequestsException",
)
NO_ORGANISATION = "AWSOrganizationsNotInUseException"
SIGN_IN = (
    "Sign in (aws sso login), or name credentials in the environment or under `profile:`; "
    "`aws sts get-caller-identity` shows who asks."
)
#: Retries of a nightly job may take their time; the environment says otherwise where it does.
PATIENT = {"retries": {"mode": "adaptive", "max_attempts": 8}}


class Session(boto3.session.Session):
    """A session whose clients wait and try again as a nightly job may."""

    def client(self, *arguments: Any, **options: Any) -> Any:
        """A client of one service; the region falls back to where STS answers from everywhere."""
        told = {"AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"} & set(os.environ)
        config = Config(connect_timeout=10, read_timeout=60, **({} if told else PATIENT))
        options.setdefault("region_name", self.region_name or "us-east-1")
        return super().client(*arguments, config=config, **options)


def session_of(profile: str | None, role: str | None) -> Session:
    """The session of a profile, in a role where one is named. Raises RefusedDelivery."""
    session = answered("a session", lambda: Session(profile_name=profile))
    if role is None:
        return session
    given = answered(
        f"sts:AssumeRole of {role}",
        lambda: session.client("sts").assume_role(
            RoleArn=role, RoleSessionName="ai-finops-inventory"
        ),
    )["Credentials"]
    return Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=session.region_name,
    )


def answered(action: str, call: Callable[[], Any]) -> Any:
    """What AWS answers to a call. Raises RefusedDelivery with what to do where it does not.

    `action` is what a policy has to allow for it.
    """
    try:
        return call()
    except ClientError as error:
        raise _refused(action, error) from error
    except (NoCredentialsError, PartialCredentialsError, SSOError, TokenRetrievalError) as error:
        raise _because("nobody is signed in to AWS", error, SIGN_IN) from error
    except ProfileNotFound as error:
        raise _because(
            "the profile is not known", error, "Correct `profile:`; `aws configure list-profiles`."
        ) from error
    except (ConnectionError, HTTPClientError) as error:
        raise _because(
            f"AWS cannot be reached for {action}",
            error,
            "Check the network, the proxy and the spelling of the region.",
        ) from error
    except BotoCoreError as error:
        raise _because(f"AWS was not asked for {action}", error, SIGN_IN) from error


def _refused(action: str, error: ClientError) -> RefusedDelivery:
    code = error.response.get("Error", {}).get("Code", "")
    if code in UNKNOWN_CALLER:
        return _because("AWS does not accept the credentials", error, SIGN_IN)
    if code in FORBIDDEN:
        remedy = f"Allow {action} to whoever asks"
        if action.startswith("sts:AssumeRole"):
            remedy += ", and name them in the trust policy of the role"
        return _because(f"AWS does not allow {action}", error, f"{remedy}.")
    if code in TOO_OFTEN:
        return _because(
            f"AWS answers too many calls to go on with {action}",
            error,
            "The next run asks again; AWS_MAX_ATTEMPTS=20 makes it more patient.",
        )
    if code == NO_ORGANISATION:
        return _because(
            "the account is in no organisation",
            error,
            "Ask in its management account (`roles:` or `profile:`), or remove the entry.",
        )
    return _because(f"AWS did not answer {action}", error, "The next run asks again.")


def _because(what: str, error: Exception, remedy: str) -> RefusedDelivery:
    said = str(error).splitlines()[0].rstrip(".")
    return RefusedDelivery(f"{what}: {said}.", remedy, transient=True)
