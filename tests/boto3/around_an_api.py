"""What stands around an API: roles and users, buckets and presigned links, tables, logs, stacks; functions by themselves."""
import io
import json
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from gatehouse import ACCOUNT, REGION, SETTINGS, client, function, refused, same, until, zipped

# --- who ---
iam = client("iam")
user = iam.create_user(UserName="ann", Tags=[{"Key": "team", "Value": "web"}])["User"]
same(user["Arn"], f"arn:aws:iam::{ACCOUNT}:user/ann")
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
policy_arn = iam.create_policy(PolicyName="read", PolicyDocument=json.dumps(policy))["Policy"]["Arn"]
iam.attach_user_policy(UserName="ann", PolicyArn=policy_arn)
iam.put_user_policy(UserName="ann", PolicyName="inline", PolicyDocument=json.dumps(policy))
same(iam.get_user_policy(UserName="ann", PolicyName="inline")["PolicyDocument"], policy)
same([p["PolicyName"] for p in iam.list_attached_user_policies(UserName="ann")["AttachedPolicies"]], ["read"])
key = iam.create_access_key(UserName="ann")["AccessKey"]
same(client("sts").get_access_key_info(AccessKeyId=key["AccessKeyId"])["Account"], ACCOUNT)
same(client("sts").get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:root")
refused("DeleteConflict", iam.delete_user, UserName="ann")
refused("EntityAlreadyExists", iam.create_user, UserName="ann")
refused("MalformedPolicyDocument", iam.create_policy, PolicyName="bad", PolicyDocument="{}")
iam.detach_user_policy(UserName="ann", PolicyArn=policy_arn)
iam.delete_user_policy(UserName="ann", PolicyName="inline")
iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
iam.delete_user(UserName="ann")
iam.delete_policy(PolicyArn=policy_arn)
refused("NoSuchEntity", iam.get_user, UserName="ann")

# --- buckets ---
s3 = client("s3")
s3.create_bucket(Bucket="things")
large = bytes(range(256)) * 50_000
s3.upload_fileobj(io.BytesIO(large), "things", "large", Config=TransferConfig(
    multipart_threshold=6_000_000, multipart_chunksize=6_000_000, max_concurrency=2))
same(s3.get_object(Bucket="things", Key="large")["Body"].read() == large, True)
s3.put_bucket_versioning(Bucket="things", VersioningConfiguration={"Status": "Enabled"})
versions = [s3.put_object(Bucket="things", Key="note", Body=text)["VersionId"] for text in (b"one", b"two")]
same(s3.get_object(Bucket="things", Key="note", VersionId=versions[0])["Body"].read(), b"one")
link = s3.generate_presigned_url("get_object", Params={"Bucket": "things", "Key": "note"}, ExpiresIn=60)
same(urllib.request.urlopen(link).read(), b"two")
given = s3.generate_presigned_url("put_object", Params={"Bucket": "things", "Key": "given"}, ExpiresIn=60)
urllib.request.urlopen(urllib.request.Request(given, data=b"by link", method="PUT"))
listed = [entry["Key"] for page in s3.get_paginator("list_objects_v2").paginate(
    Bucket="things", PaginationConfig={"PageSize": 1}) for entry in page["Contents"]]
same(listed, ["given", "large", "note"])
refused("BucketNotEmpty", s3.delete_bucket, Bucket="things")
refused("NoSuchKey", s3.get_object, Bucket="things", Key="nowhere")
boto3.resource("s3", **SETTINGS).Bucket("things").object_versions.delete()
s3.delete_bucket(Bucket="things")
refused("NoSuchBucket", s3.list_objects_v2, Bucket="things")

# --- tables ---
dynamo = client("dynamodb")
dynamo.create_table(
    TableName="orders",
    BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
    AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in (("id", "S"), ("at", "N"), ("who", "S"))],
    GlobalSecondaryIndexes=[{"IndexName": "who", "KeySchema": [{"AttributeName": "who", "KeyType": "HASH"}],
                             "Projection": {"ProjectionType": "ALL"}}],
)
dynamo.get_waiter("table_exists").wait(TableName="orders")
orders = boto3.resource("dynamodb", **SETTINGS).Table("orders")
with orders.batch_writer() as batch:
    for at in range(30):
        batch.put_item(Item={"id": "a", "at": at, "who": "ann" if at % 2 else "bob", "amount": at * 10})
Key, Attr = boto3.dynamodb.conditions.Key, boto3.dynamodb.conditions.Attr
found = orders.query(KeyConditionExpression=Key("id").eq("a") & Key("at").between(5, 9), ScanIndexForward=False)
same([int(item["at"]) for item in found["Items"]], [9, 8, 7, 6, 5])
same(orders.query(IndexName="who", KeyConditionExpression=Key("who").eq("ann"), Select="COUNT")["Count"], 15)
same(orders.scan(FilterExpression=Attr("amount").gte(280))["Count"], 2)
updated = orders.update_item(Key={"id": "a", "at": 1}, UpdateExpression="SET amount = amount + :n ADD hits :one",
                             ExpressionAttributeValues={":n": 5, ":one": 1}, ReturnValues="UPDATED_NEW")
same({name: int(value) for name, value in updated["Attributes"].items()}, {"amount": 15, "hits": 1})
refused("ConditionalCheckFailedException", dynamo.put_item, TableName="orders",
        Item={"id": {"S": "a"}, "at": {"N": "1"}}, ConditionExpression="attribute_not_exists(id)")
cancelled = refused("TransactionCanceledException", dynamo.transact_write_items, TransactItems=[
    {"Put": {"TableName": "orders", "Item": {"id": {"S": "b"}, "at": {"N": "1"}}}},
    {"ConditionCheck": {"TableName": "orders", "Key": {"id": {"S": "a"}, "at": {"N": "99"}},
                        "ConditionExpression": "attribute_exists(id)"}}])
same([reason["Code"] for reason in cancelled["CancellationReasons"]], ["None", "ConditionalCheckFailed"])
same("Item" in orders.get_item(Key={"id": "b", "at": 1}), False)
dynamo.update_time_to_live(TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"})
same(dynamo.describe_time_to_live(TableName="orders")["TimeToLiveDescription"]["TimeToLiveStatus"], "ENABLED")
dynamo.delete_table(TableName="orders")
dynamo.get_waiter("table_not_exists").wait(TableName="orders")

# --- functions by themselves, and their log ---
functions, logs = client("lambda"), client("logs")
function("work", "def handler(event, context):\n    print('given', event['n'])\n    return 10 / event['n']\n",
         Environment={"Variables": {"COLOUR": "green"}}, Tags={"team": "web"})
answer = functions.invoke(FunctionName="work", Payload=b'{"n":4}', LogType="Tail")
same((answer["StatusCode"], answer["ExecutedVersion"], json.load(answer["Payload"])), (200, "$LATEST", 2.5))
failed = functions.invoke(FunctionName="work", Payload=b'{"n":0}')
error = json.load(failed["Payload"])
same((failed["FunctionError"], error["errorType"], error["errorMessage"]), ("Unhandled", "ZeroDivisionError", "division by zero"))
same(functions.invoke(FunctionName="work", InvocationType="Event", Payload=b'{"n":5}')["StatusCode"], 202)
lines = until(lambda: [event["message"].strip() for event in logs.filter_log_events(
    logGroupName="/aws/lambda/work", filterPattern="given")["events"] if event["message"].strip() == "given 5"])
same(lines, ["given 5"])
kinds = {event["message"].split()[0] for event in logs.filter_log_events(logGroupName="/aws/lambda/work")["events"]}
same({"START", "END", "REPORT"} <= kinds, True)
functions.update_function_configuration(FunctionName="work", MemorySize=256)
functions.update_function_code(FunctionName="work", ZipFile=zipped(index_py="def handler(event, context): return 'new'"))
functions.get_waiter("function_updated_v2").wait(FunctionName="work")
same(json.load(functions.invoke(FunctionName="work")["Payload"]), "new")
same(functions.get_function(FunctionName="work")["Configuration"]["MemorySize"], 256)
functions.delete_function(FunctionName="work")
refused("ResourceNotFoundException", functions.invoke, FunctionName="work")
refused("ResourceNotFoundException", functions.get_function, f"Function not found: arn:aws:lambda:{REGION}:{ACCOUNT}:function:work",
        FunctionName="work")

logs.create_log_group(logGroupName="own", tags={"team": "web"})
logs.create_log_stream(logGroupName="own", logStreamName="one")
client("logs").put_retention_policy(logGroupName="own", retentionInDays=7)
same(logs.describe_log_groups(logGroupNamePrefix="own")["logGroups"][0]["retentionInDays"], 7)
logs.delete_log_group(logGroupName="own")
refused("ResourceAlreadyExistsException", lambda: [logs.create_log_group(logGroupName="twice") for _ in range(2)])

# --- stacks ---
stacks = client("cloudformation")
template = {
    "Parameters": {"Days": {"Type": "Number", "Default": 7}},
    "Resources": {
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "of-a-stack", "RetentionInDays": {"Ref": "Days"}}},
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
            "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}},
    },
    "Outputs": {"Table": {"Value": {"Ref": "Table"}, "Export": {"Name": "the-table"}}},
}
stacks.create_stack(StackName="shop", TemplateBody=json.dumps(template))
stacks.get_waiter("stack_create_complete").wait(StackName="shop", WaiterConfig={"Delay": 1})
table = stacks.describe_stacks(StackName="shop")["Stacks"][0]["Outputs"][0]["OutputValue"]
same(table.startswith("shop-Table-"), True)
same([export["Value"] for export in stacks.list_exports()["Exports"]], [table])
change = stacks.create_change_set(StackName="shop", ChangeSetName="longer", UsePreviousTemplate=True,
                                  Parameters=[{"ParameterKey": "Days", "ParameterValue": "30"}])["Id"]
stacks.get_waiter("change_set_create_complete").wait(ChangeSetName=change, WaiterConfig={"Delay": 1})
changes = stacks.describe_change_set(ChangeSetName=change)["Changes"]
same([(c["ResourceChange"]["Action"], c["ResourceChange"]["LogicalResourceId"], c["ResourceChange"]["Replacement"]) for c in changes],
     [("Modify", "Group", "False")])
stacks.execute_change_set(ChangeSetName=change)
stacks.get_waiter("stack_update_complete").wait(StackName="shop", WaiterConfig={"Delay": 1})
same(logs.describe_log_groups(logGroupNamePrefix="of-a-stack")["logGroups"][0]["retentionInDays"], 30)
refused("ValidationError", stacks.update_stack, "No updates are to be performed.", StackName="shop", UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Days", "UsePreviousValue": True}])
refused("ValidationError", stacks.create_stack, StackName="other", TemplateBody="Resources: [")
stacks.delete_stack(StackName="shop")
stacks.get_waiter("stack_delete_complete").wait(StackName="shop", WaiterConfig={"Delay": 1})
same(dynamo.list_tables()["TableNames"], [])
refused("ValidationError", stacks.describe_stacks, "Stack with id shop does not exist", StackName="shop")
