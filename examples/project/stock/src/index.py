def main_handler(event, context):
    return {"service": "stock"}
