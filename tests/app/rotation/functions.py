"""A rotation function in the style of AWS's; what it rotates is a file of users and passwords."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from app.rotation import hook

FUNCTION = """
import json
import logging

import strongroom_hook

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger()


def lambda_handler(event, context):
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    service_client = strongroom_hook.client()
    versions = service_client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    if token not in versions:
        raise ValueError("no such version")
    if "AWSCURRENT" in versions[token]:
        return
    if "AWSPENDING" not in versions[token]:
        raise ValueError("the version is not pending")
    steps = {
        "createSecret": create_secret,
        "setSecret": set_secret,
        "testSecret": test_secret,
        "finishSecret": finish_secret,
    }
    print("a function in AWS may print")
    steps[step](service_client, arn, token)


def create_secret(service_client, arn, token):
    current = get_secret_dict(service_client, arn, "AWSCURRENT")
    try:
        get_secret_dict(service_client, arn, "AWSPENDING", token)
    except service_client.exceptions.ResourceNotFoundException:
        drawn = service_client.get_random_password(ExcludeCharacters=":/@", PasswordLength=24)
        current["password"] = drawn["RandomPassword"]
        service_client.put_secret_value(
            SecretId=arn,
            ClientRequestToken=token,
            SecretString=json.dumps(current),
            VersionStages=["AWSPENDING"],
        )
        logger.info("createSecret: put %s", current["password"])


def set_secret(service_client, arn, token):
    pending = get_secret_dict(service_client, arn, "AWSPENDING", token)
    if logs_in(pending):
        return
    current = get_secret_dict(service_client, arn, "AWSCURRENT")
    if not logs_in(current):
        current = get_secret_dict(service_client, arn, "AWSPREVIOUS")
        if not logs_in(current):
            raise ValueError("neither AWSCURRENT nor AWSPREVIOUS logs in")
    with open(pending["host"]) as file:
        users = json.load(file)
    users[pending["username"]] = pending["password"]
    with open(pending["host"], "w") as file:
        json.dump(users, file)


def test_secret(service_client, arn, token):
    if not logs_in(get_secret_dict(service_client, arn, "AWSPENDING", token)):
        raise ValueError("AWSPENDING does not log in")


def finish_secret(service_client, arn, token):
    stages = service_client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    (current,) = [version for version, on in stages.items() if "AWSCURRENT" in on]
    service_client.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )
    if get_secret_dict(service_client, arn, "AWSCURRENT", token) is None:
        raise ValueError("not moved")


def get_secret_dict(service_client, arn, stage, token=None):
    more = {"VersionId": token} if token else {}
    found = service_client.get_secret_value(SecretId=arn, VersionStage=stage, **more)
    return json.loads(found["SecretString"])


def logs_in(secret):
    with open(secret["host"]) as file:
        return json.load(file).get(secret["username"]) == secret["password"]


if __name__ == "__main__":
    strongroom_hook.run(lambda_handler)
"""


def place(folder: Path, function: str = FUNCTION) -> str:
    """Put a function and the client next to each other; the command line that runs it."""
    shutil.copy(Path(next(iter(hook.__path__))) / "strongroom_hook.py", folder)
    (folder / "function.py").write_text(function)
    return f"'{sys.executable}' -S '{folder}/function.py'"  # quicker: it needs no packages
