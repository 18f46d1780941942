import os

print('deploying version', os.environ['VERSION'])
