import os

assert os.path.exists('deploy.py'), 'the bundle is not all here'
print('version', os.environ['VERSION'], 'is up')
